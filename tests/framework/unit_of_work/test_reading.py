"""R1: reading is the default, and a request that reads cannot write."""

from collections.abc import Callable

import pytest
from flask import abort, request
from sqlalchemy import Executable, delete, insert, select, text, update

from app.database import db
from app.unit_of_work import (
    ReadOnlyRequest,
    UncommittedChanges,
    after_commit,
    commit_later,
    unit_of_work,
)
from app.users.accounts import has_users
from app.users.models import User
from tests.view_site import Notes, Site, add


def by_hand(statement: Executable) -> None:
    with db.engine.begin() as connection:
        connection.execute(statement)


WRITES = {
    "a flush": lambda: (add("mallory@example.com"), db.session.flush()),
    "an autoflush": lambda: (add("mallory@example.com"), has_users()),
    "a bulk INSERT": lambda: db.session.execute(insert(User).values(email="mallory@example.com")),
    "a bulk UPDATE": lambda: db.session.execute(update(User).values(display_name="Mallory")),
    "a bulk DELETE": lambda: db.session.execute(delete(User)),
    "plain SQL": lambda: db.session.execute(text("DELETE FROM users")),
    "a WITH": lambda: db.session.execute(
        text("WITH gone AS (SELECT 1) DELETE FROM users WHERE 1 IN (SELECT * FROM gone)")
    ),
    "a table": lambda: db.session.execute(text("CREATE TABLE planted (id integer)")),
    "the writing engine": lambda: by_hand(insert(User).values(email="mallory@example.com")),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_r1_a_get_cannot_write_by(
    write: Callable[[], object], site: Site, trace_sql, alice
) -> None:
    @site.view("GET")
    def act() -> dict[str, str]:
        write()
        return {}

    watched = trace_sql(site.app)
    with pytest.raises(ReadOnlyRequest, match="commit_later"):
        site.get()
    assert not {"INSERT", "UPDATE", "DELETE", "WITH", "CREATE"} & {*watched.keywords}
    assert site.emails == ["alice@example.com"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "TRACE"])
def test_r1_safe_methods_read_without_a_transaction(method: str, site: Site, trace_sql) -> None:
    @site.view(method)
    def act() -> dict[str, str]:
        has_users()
        has_users()
        return {}

    watched = trace_sql(site.app)
    assert site.client.open("/act", method=method).status_code == 200
    assert watched.keywords == ["SELECT", "SELECT"]


def test_r1_unflushed_changes_of_a_get_raise(site: Site) -> None:
    @site.view("GET")
    def act() -> dict[str, str]:
        add("mallory@example.com")
        return {}

    with pytest.raises(UncommittedChanges, match="GET /act"):
        site.get()
    assert site.emails == []


def test_r1_a_get_cannot_request_a_commit(site: Site) -> None:
    @site.view("GET")
    def act() -> dict[str, str]:
        commit_later()
        return {}

    with pytest.raises(ReadOnlyRequest, match="POST"):
        site.get()


def test_r1_the_database_rejects_a_function_that_writes(site: Site, is_postgresql: bool) -> None:
    @site.view("GET")
    def act() -> dict[str, str]:
        db.session.execute(
            text(
                "SELECT nextval('users_id_seq')"
                if is_postgresql
                else "PRAGMA user_version = 7"  # a write that does not look like one
            )
        )
        return {}

    with pytest.raises(ReadOnlyRequest, match="database rejected"):
        site.get()


def test_r1_a_get_can_write_in_its_own_unit(site: Site) -> None:
    @site.view("GET")
    def act() -> dict[str, str]:
        with unit_of_work():
            add("bob@example.com")
        return {"bob": str(db.session.scalar(select(User.email)))}

    assert site.get().json == {"bob": "bob@example.com"}
    assert site.emails == ["bob@example.com"]


def test_r1_after_commit_runs_at_once_in_a_get(site: Site) -> None:
    notes = Notes()

    @site.view("GET")
    def act() -> dict[str, str]:
        after_commit(notes, "done")
        abort(404)

    assert site.get().status_code == 404
    assert notes == ["done"]


def test_r1_method_override_headers_and_fields_are_ignored(site: Site) -> None:
    @site.view("GET")
    def act() -> dict[str, str]:
        assert request.method == "GET"
        commit_later()
        return {}

    with pytest.raises(ReadOnlyRequest):
        site.get("/act?_method=POST", headers={"X-HTTP-Method-Override": "POST"})
