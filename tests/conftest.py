"""The fixtures of all tests: real databases, users, login sessions, and an adjustable clock.

Each test runs once on each available database. The tables are emptied before each test, because
requests commit: deleting a few rows takes about 1 ms, and a new database 50 ms. No fixture keeps
an app context open around a request.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest
from flask import Blueprint
from flask_migrate import upgrade
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import insert, select

from app import FOUNDATION, IDENTITY, PRODUCT, create_app
from app import clock as app_clock
from app.application import Application
from app.audit.models import Retention
from app.database import db
from app.mail.models import Message
from app.sessions.logins import begin_login
from app.unit_of_work import unit_of_work
from app.users.hashing import hash_password
from app.users.models import User
from tests.client import PASSWORD, Client
from tests.databases import (
    MAX_PROCESSES,
    databases,
    new_postgresql_database,
    postgresql_refusal,
)
from tests.emailed_links import link_in
from tests.mail_server import MailServer, mail_server
from tests.processes import SECRET_KEY, end, start
from tests.serving import gunicorn as gunicorn
from tests.sql_trace import SqlTrace
from tests.strict_globals import StrictGlobals
from tests.view_site import Site

TESTS = Path(__file__).parent
# Parts can add fixtures and settings to all tests, in a file plugin.py.
pytest_plugins = [f"tests.{it.parent.name}.plugin" for it in TESTS.glob("*/plugin.py")]
# Shared by all applications, so that each template is compiled once.
TEMPLATES = FileSystemBytecodeCache()
SETTINGS = {
    "TESTING": True,
    "SECRET_KEY": SECRET_KEY,
    # Background jobs run only when a test runs them.
    "JOB_THREADS": 0,
    # All test clients have the same IP address.
    "RATE_LIMITS_ENABLED": False,
}


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Run the whole suite on all cores, and tests that are named on the command line on one."""
    is_whole = config.args_source is not pytest.Config.ArgsSource.ARGS
    return min(os.cpu_count() or 1, MAX_PROCESSES) if is_whole else 0


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if "postgresql" not in databases():
        terminalreporter.write_line(
            f"Not tested on PostgreSQL, which cannot be reached: {postgresql_refusal()}"
        )


@pytest.fixture(scope="session")
def migrated_databases(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[[str], str]]:
    """Create each database once, although pytest switches between them many times."""
    with ExitStack() as ends:

        @cache
        def create(kind: str) -> str:
            if kind == "sqlite":
                url = f"sqlite:///{tmp_path_factory.mktemp('database')}/test.sqlite3"
            else:
                url = ends.enter_context(new_postgresql_database())
                ends.callback(lambda: dispose(shared_app(url)))
            migrate(url)
            return url

        yield create


@pytest.fixture(scope="session", params=databases())
def database_url(request: pytest.FixtureRequest, migrated_databases: Callable[[str], str]) -> str:
    """The URL of a database with all migrations applied, created for this run."""
    return migrated_databases(request.param)


def migrate(url: str) -> None:
    application = create_app({**SETTINGS, "DATABASE_URL": url})
    with application.app_context():
        upgrade(directory=str(TESTS.parent / "migrations"))
    dispose(application)


@pytest.fixture
def is_postgresql(database_url: str) -> bool:
    return database_url.startswith("postgresql")


@pytest.fixture
def clean_database(database_url: str) -> str:
    """The URL of the database, with all tables emptied."""
    application = shared_app(database_url)
    with application.app_context(), db.engine.begin() as connection:
        # A trigger refuses to delete security events that are newer than `kept_since`.
        connection.execute(insert(Retention).values(kept_since=datetime.max.replace(tzinfo=UTC)))
        for table in reversed(db.metadata.sorted_tables):
            connection.execute(table.delete())
    return database_url


@cache
def shared_app(database_url: str) -> Application:
    """Return the application that tests share if they do not change it."""
    return new_app(DATABASE_URL=database_url)


def new_app(**settings: Any) -> Application:
    application = create_app({**SETTINGS, **settings})
    application.declare_globals(StrictGlobals)
    application.test_client_class = Client
    application.jinja_env.bytecode_cache = TEMPLATES
    return application


@pytest.fixture
def app(clean_database: str) -> Iterator[Application]:
    application = shared_app(clean_database)
    yield application
    assert_pool_is_whole(application)


@pytest.fixture
def make_app(clean_database: str) -> Iterator[Callable[..., Application]]:
    """Create an application with its own settings or views: make_app(views, APP_NAME="…")."""
    applications: list[Application] = []

    def make(*views: Blueprint, **settings: Any) -> Application:
        application = new_app(**{"DATABASE_URL": clean_database, **settings})
        for blueprint in views:
            application.register_blueprint(blueprint)
        applications.append(application)
        return application

    yield make
    for application in applications:
        assert_pool_is_whole(application)
        dispose(application)


@pytest.fixture
def without_product(monkeypatch: pytest.MonkeyPatch) -> None:
    """Create applications without the parts of the product, whose names an example may have."""
    monkeypatch.setattr("app.PARTS", FOUNDATION + IDENTITY + PRODUCT)


@pytest.fixture
def outbox(clean_database: str) -> Callable[[], list[Message]]:
    """Read all emails in the outbox, oldest first: [mail] = outbox()."""

    def read() -> list[Message]:
        with shared_app(clean_database).app_context():
            return list(db.session.scalars(select(Message).order_by(Message.id)))

    return read


@pytest.fixture
def mailed(outbox: Callable[[], list[Message]]) -> Callable[[str], list[Message]]:
    """Read all emails to an address, oldest first: mailed("alice@example.com")."""

    def to(address: str) -> list[Message]:
        return [message for message in outbox() if message.recipient == address]

    return to


@pytest.fixture
def link(mailed: Callable[[str], list[Message]]) -> Callable[[str], str]:
    """Return the path of the link in the last email: link("alice@example.com")."""

    def to(address: str) -> str:
        return link_in(mailed(address)[-1])

    return to


@pytest.fixture
def mails() -> Iterator[MailServer]:
    """An SMTP server that accepts all emails: make_app(MAIL_URL=mails.url, …)."""
    with mail_server() as server:
        yield server


@pytest.fixture
def site(make_app: Callable[..., Application], clean_database: str) -> Site:
    """An application with views of the test: @site.view("POST"), then site.post()."""
    return Site(make_app, clean_database)


@pytest.fixture
def process(clean_database: str) -> Iterator[Callable[..., Popen[str]]]:
    """Start `python -m …` on the test database: process("flask", "run", BASE_URL="…")."""
    started: list[Popen[str]] = []

    def begin(*command: str, **settings: Any) -> Popen[str]:
        started.append(start(clean_database, *command, **settings))
        return started[-1]

    yield begin
    for running in started:
        end(running)


@pytest.fixture
def client(app: Application) -> Client:
    """A browser that is not signed in."""
    return visitor(app)


@pytest.fixture
def alice(clean_database: str) -> User:
    return create_user(clean_database, "alice@example.com")


@pytest.fixture
def bob(clean_database: str) -> User:
    return create_user(clean_database, "bob@example.com")


@pytest.fixture
def as_alice(app: Application, alice: User) -> Client:
    """Alice's browser, signed in with a real login session, but without the form."""
    return signed_in(app, alice)


@pytest.fixture
def as_bob(app: Application, bob: User) -> Client:
    return signed_in(app, bob)


def visitor(application: Application) -> Client:
    client = application.test_client()
    assert isinstance(client, Client)
    return client


def signed_in(application: Application, user: User, *, remembered: bool = False) -> Client:
    """Return a new browser in which the user is signed in."""
    with application.app_context(), unit_of_work():
        _, token = begin_login(
            user, user_agent="tests", address="127.0.0.1", remembered=remembered
        )
    client = visitor(application)
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
    return client


def create_user(database_url: str, email: str) -> User:
    user = User(email=email, password_hash=password_hash())
    with shared_app(database_url).app_context(), unit_of_work():
        db.session.add(user)
    return user


@cache
def password_hash() -> str:
    return hash_password(PASSWORD)


@dataclass
class Clock:
    """Set the time forward that the application reads."""

    def forward(self, **how_far: float) -> None:
        app_clock.ahead += timedelta(**how_far)


@pytest.fixture
def clock() -> Iterator[Clock]:
    yield Clock()
    app_clock.ahead = timedelta()


@pytest.fixture
def trace_sql(is_postgresql: bool, tmp_path: Path) -> Iterator[Callable[[Application], SqlTrace]]:
    """Record the SQL statements of an application: trace_sql(app).statements is a list of them."""
    wires: list[SqlTrace] = []

    def watch(application: Application) -> SqlTrace:
        wires.append(SqlTrace(application, tmp_path / f"trace_sql-{len(wires)}"))
        return wires[-1]

    yield watch
    for watched in wires:
        watched.close()


def assert_pool_is_whole(application: Application) -> None:
    with application.app_context():
        out = {key: engine.pool.checkedout() for key, engine in db.engines.items()}  # type: ignore[attr-defined]  # a QueuePool has it
    assert not any(out.values()), f"these connections were not returned to the pool: {out}"


def dispose(application: Application) -> None:
    with application.app_context():
        for engine in db.engines.values():
            engine.dispose()
