"""R12: state set on a connection does not reach the next request."""

from typing import Any

import pytest
from flask import request
from sqlalchemy import text

from app.application import Application
from app.database import db
from app.unit_of_work import commit_later, unit_of_work
from tests.databases import on_postgresql, on_sqlite
from tests.view_site import Site

CHANGES = {
    "a setting": "SET application_name = 'changed'",
    "by a function": "SELECT set_config('application_name', 'changed', false)",
    "behind another": "SELECT 1; SET application_name = 'changed'",
}
STATE = """SELECT current_setting('application_name') = 'changed'
    OR EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())"""


@pytest.fixture
def one_connection(site: Site) -> Site:
    """A site whose requests all get the same connection."""
    site.settings["DATABASE_POOL_SIZE"] = 1
    return site


def run_at(site: Site, statement: str) -> None:
    """Add a view that runs a statement."""

    @site.view("GET", "POST")
    def act() -> dict[str, str]:
        db.session.execute(text(statement))
        if request.method == "POST":
            commit_later()
        return {}


@on_postgresql
@pytest.mark.parametrize("statement", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_r12_a_changed_setting_does_not_reach_the_next_request(
    one_connection: Site, statement: str, method: str
) -> None:
    run_at(one_connection, statement)

    @one_connection.view("GET", "POST", path="/setting")
    def read_setting() -> dict[str, bool]:
        return {"changed": bool(db.session.scalar(text(STATE)))}

    assert one_connection.client.open("/act", method=method).status_code == 200
    assert one_connection.client.open("/setting", method=method).json == {"changed": False}


@on_postgresql
def test_r12_an_advisory_lock_is_released(one_connection: Site) -> None:
    run_at(one_connection, "SELECT pg_advisory_lock(4711)")

    @one_connection.view("GET", path="/setting")
    def read_setting() -> dict[str, bool]:
        return {"changed": bool(db.session.scalar(text(STATE)))}

    one_connection.get()
    assert one_connection.get("/setting").json == {"changed": False}


@on_sqlite
def test_r12_a_pragma_does_not_reach_the_next_request(one_connection: Site) -> None:
    run_at(one_connection, "PRAGMA query_only = OFF")

    @one_connection.view("GET", path="/setting")
    def read_setting() -> dict[str, Any]:
        return {"query_only": db.session.scalar(text("PRAGMA query_only"))}

    one_connection.get()
    assert one_connection.get("/setting").json == {"query_only": 1}


def test_r12_a_changed_setting_does_not_outlive_a_command(
    app: Application, is_postgresql: bool
) -> None:
    statement = CHANGES["a setting"] if is_postgresql else "PRAGMA cache_size = 17"
    query = "SHOW application_name" if is_postgresql else "PRAGMA cache_size"
    with app.app_context(), unit_of_work():
        db.session.execute(text(statement))
    with app.app_context():
        for _ in range(app.config["DATABASE_POOL_SIZE"]):
            with unit_of_work():
                assert db.session.scalar(text(query)) not in {"changed", 17}
