"""A site with views of a test's own, and a look into its database from outside."""

import logging
from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any

from flask import Blueprint
from sqlalchemy import create_engine, text

from app.application import Application
from app.database import db
from app.sessions.guards import public
from app.users.models import User
from app.web.csrf import csrf
from config import psycopg_url
from tests.client import Client

View = Callable[..., Any]


class Site:
    """Collects views and settings; the application is made when it is first asked for."""

    def __init__(self, make_app: Callable[..., Application], database_url: str) -> None:
        self.make_app = make_app
        self.database_url = database_url
        self.settings: dict[str, Any] = {}
        self.blueprint = Blueprint("site", __name__)
        csrf.exempt(self.blueprint)

    def view(self, *methods: str, path: str = "/act") -> Callable[[View], View]:
        """Open `path` to everybody for these methods; POST if none is named."""

        def add_view(view: View) -> View:
            opened = public(wraps(view)(lambda **values: view(**values)))
            return self.blueprint.route(path, methods=methods or ("POST",))(opened)

        return add_view

    def goes_live(self) -> None:
        """Behave as in production, where an exception is a logged 500."""
        self.settings["TESTING"] = False

    @cached_property
    def app(self) -> Application:
        made = self.make_app(self.blueprint, **self.settings)
        # In production the log does not go where caplog listens.
        logging.getLogger("app").propagate = True
        return made

    @cached_property
    def client(self) -> Client:
        client = self.app.test_client()
        assert isinstance(client, Client)
        return client

    def post(self, path: str = "/act", **rest: Any) -> Any:
        return self.client.post(path, **rest)

    def get(self, path: str = "/act", **rest: Any) -> Any:
        return self.client.get(path, **rest)

    @property
    def people(self) -> list[str]:
        """Return who is in the database, as everybody else sees it."""
        return [row[0] for row in run(self.database_url, "SELECT email FROM users ORDER BY email")]

    @property
    def connections(self) -> int:
        """Return how many connections of its pools are lent out."""
        with self.app.app_context():
            return sum(engine.pool.checkedout() for engine in db.engines.values())  # type: ignore[attr-defined]


class Notes(list[str]):
    """What happened, in order: notes("this") adds to it."""

    def __call__(self, note: str) -> None:
        self.append(note)


def add(email: str) -> User:
    """Add a person to the unit that is open."""
    user = User(email=email)
    db.session.add(user)
    return user


def run(database_url: str, statement: str, **values: Any) -> list[Any]:
    """Run one statement and commit it, on a connection that the application knows nothing of."""
    engine = create_engine(psycopg_url(database_url))
    try:
        with engine.begin() as connection:
            result = connection.execute(text(statement), values)
            return list(result) if result.returns_rows else []
    finally:
        engine.dispose()


def exceptions(caplog: Any) -> list[logging.LogRecord]:
    """Return what was logged with a traceback."""
    return [record for record in caplog.records if record.exc_info]
