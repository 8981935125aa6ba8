"""An application with the views of a test, and direct access to its database."""

import logging
from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any

from flask import Blueprint
from flask.typing import ResponseReturnValue
from sqlalchemy import create_engine, text

from app.application import Application
from app.database import db
from app.sessions.guards import public
from app.unit_of_work import commit_later
from app.users.models import User
from app.web.csrf import csrf
from config import psycopg_url
from tests.client import Client

View = Callable[..., Any]


class Site:
    """Collects views and settings. The application is created at its first use."""

    def __init__(self, make_app: Callable[..., Application], database_url: str) -> None:
        self.make_app = make_app
        self.database_url = database_url
        self.settings: dict[str, Any] = {}
        self.blueprint = Blueprint("site", __name__)
        csrf.exempt(self.blueprint)

    def view(self, *methods: str, path: str = "/act") -> Callable[[View], View]:
        """Add a public view at `path` for these methods, by default POST."""

        def add_view(view: View) -> View:
            opened = public(wraps(view)(lambda **values: view(**values)))
            return self.blueprint.route(path, methods=methods or ("POST",))(opened)

        return add_view

    def use_production_errors(self) -> None:
        """Respond to an exception as in production: a 500, and a line in the log."""
        self.settings["TESTING"] = False

    @cached_property
    def app(self) -> Application:
        new_app = self.make_app(self.blueprint, **self.settings)
        # In production, the logger does not propagate to caplog.
        logging.getLogger("app").propagate = True
        return new_app

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
    def emails(self) -> list[str]:
        """Return the email addresses of all users, read on another connection."""
        return [row[0] for row in run(self.database_url, "SELECT email FROM users ORDER BY email")]

    @property
    def connections(self) -> int:
        """Return the number of connections that are checked out of the pools."""
        with self.app.app_context():
            return sum(engine.pool.checkedout() for engine in db.engines.values())  # type: ignore[attr-defined]  # a QueuePool has it


class Notes(list[str]):
    """The actions of the views of a test, in order: notes("this") appends to it."""

    def __call__(self, note: str) -> None:
        self.append(note)


def view_of(work: Callable[[], object]) -> Blueprint:
    """Return a view at /do that calls `work` and requests the commit."""
    blueprint = Blueprint("do", __name__)

    @blueprint.route("/do", methods=["GET", "POST"])
    @public
    def do() -> ResponseReturnValue:
        work()
        commit_later()
        return {}

    return blueprint


def add(email: str) -> User:
    """Add a user to the open unit of work."""
    user = User(email=email)
    db.session.add(user)
    return user


def run(database_url: str, statement: str, **values: Any) -> list[Any]:
    """Run one statement and commit it, on a connection outside the application."""
    engine = create_engine(psycopg_url(database_url))
    try:
        with engine.begin() as connection:
            result = connection.execute(text(statement), values)
            return list(result) if result.returns_rows else []
    finally:
        engine.dispose()


def exceptions(caplog: Any) -> list[logging.LogRecord]:
    """Return the log records with a traceback."""
    return [record for record in caplog.records if record.exc_info]
