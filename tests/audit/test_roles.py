"""Limits of the database role of the site in PostgreSQL, whatever statement it runs."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from app.application import Application
from app.audit.actions import Action
from app.audit.pruning import prune_events
from app.audit.trail import record
from app.unit_of_work import unit_of_work
from tests.conftest import PASSWORD, dispose, migrate, new_app, visitor
from tests.databases import new_postgresql_database, on_postgresql
from tests.framework.postgresql_cluster import require
from tests.view_site import run

ROLES = Path(__file__).parents[2] / "deploy/postgres/roles.sql"
ERASE = "DELETE FROM security_events"
LINE = "INSERT INTO retentions (id, kept_since) VALUES (4711, {})"
MOVE = LINE.format("'infinity'")
ATTACKS = {
    "erase": [ERASE],
    "rewrite": ["UPDATE security_events SET action = 'login.succeeded'"],
    "empty": ["TRUNCATE security_events"],
    "move the retention": [MOVE, ERASE],
    "move the retention in two steps": [
        LINE.format("now() - interval '60 days'"),
        "UPDATE retentions SET kept_since = now() - interval '29 days'",
    ],
    "shadow the retention": [
        "CREATE TEMPORARY TABLE retentions (id integer, kept_since timestamptz)",
        MOVE,
        ERASE,
    ],
    "shadow the users": ["CREATE TEMPORARY TABLE users (id integer)", ERASE],
    "another schema": ["CREATE SCHEMA mine"],
    "another table": ["CREATE TABLE public.mine (id integer)"],
    "another function": [
        "CREATE FUNCTION public.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT NULL'"
    ],
    "replace the function": [
        "CREATE OR REPLACE FUNCTION keep_security_events() RETURNS trigger "
        "LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
        ERASE,
    ],
    "disable the trigger": ["ALTER TABLE security_events DISABLE TRIGGER ALL", ERASE],
    "disable the trigger of the retention": [
        "ALTER TABLE retentions DISABLE TRIGGER ALL",
        MOVE,
        ERASE,
    ],
    "drop the trigger": ["DROP TRIGGER keep ON security_events", ERASE],
    "pretend to replicate": ["SET session_replication_role = replica", ERASE],
    "drop the table": ["DROP TABLE security_events"],
    "become the owner": ["SET ROLE {owner}", ERASE],
    "grant itself privileges": ["GRANT {owner} TO {site}"],
    "a superuser": ["ALTER ROLE {site} SUPERUSER"],
}


@dataclass
class Database:
    """A database with the roles of its owner and of the site."""

    owner: str
    site: str
    owner_url: str
    site_url: str


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """Created by deploy/postgres/roles.sql, with role names of this run."""
    require("psql", "psql")
    with new_postgresql_database() as url:
        made = roles_of(url)
        try:
            migrate(made.owner_url)
            yield made
        finally:
            for role in (made.site, made.owner):
                run(url, f"REASSIGN OWNED BY {role} TO CURRENT_USER")
                run(url, f"DROP OWNED BY {role}")
                run(url, f"DROP ROLE {role}")


def roles_of(url: str) -> Database:
    there = make_url(url).set(drivername="postgresql")
    owner, site = f"owner_of_{there.database}", f"site_of_{there.database}"
    statements = ROLES.read_text()
    for role, name in (("owner", owner), ("site", site)):
        statements, found = re.subn(
            rf"(?m)^\\set {role} \w+$", rf"\\set {role} {name}", statements
        )
        assert found == 1
    subprocess.run(
        ["psql", "--no-psqlrc", "--quiet", there.render_as_string(hide_password=False)],
        input=statements,
        text=True,
        check=True,
        env=os.environ | {"OWNER_PASSWORD": "owner's", "SITE_PASSWORD": "site's"},
    )
    urls = [
        there.set(username=name, password=password).render_as_string(hide_password=False)
        for name, password in ((owner, "owner's"), (site, "site's"))
    ]
    return Database(owner, site, *urls)


def run_all(database: Database, statements: list[str]) -> None:
    """Run statements as the site, each committed by itself, until one fails."""
    with closing(psycopg.connect(database.site_url, autocommit=True)) as connection:
        for statement in statements:
            connection.execute(statement.format(**vars(database)))


@pytest.fixture
def app(database: Database) -> Iterator[Application]:
    application = new_app(DATABASE_URL=database.site_url)
    yield application
    dispose(application)


@pytest.fixture
def events(database: Database, app: Application) -> Any:
    """Add an event; return a function that tells whether all events still exist."""
    with app.app_context(), unit_of_work():
        record(Action.LOGIN_FAILED, None)
    count = run(database.owner_url, "SELECT count(*) FROM security_events")
    return lambda: run(database.owner_url, "SELECT count(*) FROM security_events") == count


pytestmark = on_postgresql


def test_the_site_works_with_few_privileges(app: Application, database_url: str) -> None:
    flask = app.test_cli_runner()
    created = flask.invoke(args=["users", "create", "alice@example.com", "--password", PASSWORD])
    assert created.exit_code == 0, created.output
    client = visitor(app)
    client.sign_in("alice@example.com")
    assert client.submit("/account", display_name="Alice").status_code == 303
    assert client.submit("/account/delete").status_code == 303
    pruned = flask.invoke(args=["prune"])
    assert pruned.exit_code == 0, pruned.output
    assert client.get("/readyz").status_code == 200


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_the_site_cannot_erase_security_events(
    database: Database, events: Any, attack: list[str], database_url: str
) -> None:
    with pytest.raises(psycopg.Error):
        run_all(database, attack)
    assert events()


def test_a_role_that_can_create_temporary_tables_cannot_shadow_tables(
    database: Database, events: Any, database_url: str
) -> None:
    """As in a database whose privileges were not revoked from PUBLIC."""
    name = make_url(database.site_url).database
    run(database.owner_url, f"GRANT TEMPORARY ON DATABASE {name} TO {database.site}")
    try:
        for attack in ("shadow the retention", "shadow the users"):
            with pytest.raises(psycopg.errors.RestrictViolation):
                run_all(database, ATTACKS[attack])
        assert events()
    finally:
        run(database.owner_url, f"REVOKE TEMPORARY ON DATABASE {name} FROM {database.site}")


def test_the_site_prunes_events_older_than_a_year(
    database: Database, app: Application, database_url: str
) -> None:
    add = "INSERT INTO security_events (at, action, details) VALUES (now() - :age, 'old', '{}')"
    for days in (400, 300):
        run(database.site_url, add, age=timedelta(days=days))
    with app.app_context():
        assert prune_events() == 1
