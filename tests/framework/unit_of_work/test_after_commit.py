"""R7: after_commit() calls run in order, once, and only after a commit."""

from contextlib import suppress
from typing import Any

import pytest
from flask import session
from sqlalchemy.exc import IntegrityError

from app.database import db
from app.unit_of_work import (
    UncommittedChanges,
    after_commit,
    commit_later,
    regardless,
    unit_of_work,
)
from app.users.accounts import has_users
from tests.view_site import Notes, Site, add, exceptions


@pytest.fixture
def notes() -> Notes:
    return Notes()


def test_r7_calls_run_in_order_once_after_the_commit(site: Site, notes: Notes) -> None:
    @site.view()
    def act() -> dict[str, str]:
        for name in ["first", "second"]:
            after_commit(lambda name=name: notes(f"{name}, {len(site.emails)} saved"))
        add("bob@example.com")
        commit_later()
        return {}

    site.post()
    assert notes == ["first, 1 saved", "second, 1 saved"]


def test_r7_calls_of_a_rolled_back_request_do_not_run_in_the_next(
    site: Site, notes: Notes
) -> None:
    @site.view(path="/asks")
    def asks() -> tuple[dict[str, str], int]:
        after_commit(notes, "mailed")
        return {}, 200

    @site.view(path="/commits")
    def commits() -> dict[str, str]:
        commit_later()
        return {}

    site.post("/asks")
    site.post("/commits")
    assert notes == []


def test_r7_a_call_that_fails_is_logged_and_the_others_run(
    site: Site, notes: Notes, caplog: Any
) -> None:
    @site.view()
    def act() -> dict[str, str]:
        after_commit(int, "x")
        after_commit(notes, "second")
        add("bob@example.com")
        commit_later()
        return {"saved": True}

    assert site.post().json == {"saved": True}
    assert notes == ["second"]
    [record] = exceptions(caplog)
    assert "<class 'int'>" in record.message
    assert site.emails == ["bob@example.com"]


def test_r7_a_call_can_write_in_its_own_unit(site: Site) -> None:
    def welcome() -> None:
        with unit_of_work():
            add("welcomed@example.com")

    @site.view()
    def act() -> dict[str, str]:
        after_commit(welcome)
        add("bob@example.com")
        commit_later()
        return {}

    site.post()
    assert site.emails == ["bob@example.com", "welcomed@example.com"]


def fail_with_changes() -> None:
    add("lost@example.com")
    raise ValueError


@pytest.mark.parametrize("change", [lambda: add("lost@example.com"), fail_with_changes])
def test_r7_a_call_that_writes_without_a_unit_is_reported(
    change: Any, site: Site, notes: Notes, caplog: Any
) -> None:
    @site.view()
    def act() -> dict[str, str]:
        after_commit(change)
        after_commit(notes, "second")
        after_commit(change)
        commit_later()
        return {"saved": True}

    assert site.post().json == {"saved": True}
    assert notes == ["second"]
    kinds = {record.exc_info[0] for record in exceptions(caplog)}
    assert kinds <= {UncommittedChanges, ValueError}
    assert len(exceptions(caplog)) == 2
    assert site.emails == []


def test_r7_a_call_cannot_change_the_cookie(site: Site) -> None:
    @site.view()
    def act() -> dict[str, str]:
        session["cart"] = "full"
        after_commit(int, "x")
        commit_later()
        return {}

    site.post()
    with site.client.session_transaction() as cookie:
        assert cookie["cart"] == "full"


def test_r7_a_call_outside_a_unit_runs_at_once(site: Site, notes: Notes) -> None:
    with site.app.app_context():
        after_commit(notes, "at once")
        assert notes == ["at once"]


def test_r7_rolling_back_a_savepoint_drops_its_calls(site: Site, notes: Notes, alice: Any) -> None:
    @site.view()
    def act() -> dict[str, str]:
        after_commit(notes, "before")
        with suppress(IntegrityError), db.session.begin_nested():
            after_commit(notes, "within")
            add("alice@example.com")
        with db.session.begin_nested():
            after_commit(notes, "after")
            has_users()
        commit_later()
        return {}

    site.post()
    assert notes == ["before", "after"]


@pytest.mark.parametrize("end", ["rollback", "close", "remove"])
def test_r7_rolling_back_in_a_view_drops_its_calls(end: str, site: Site, notes: Notes) -> None:
    @site.view()
    def act() -> dict[str, str]:
        add("bob@example.com")
        after_commit(notes, "welcome, Bob")
        getattr(db.session, end)()
        commit_later()
        return {}

    site.post()
    assert notes == []


def test_r7_calls_run_after_the_commit_of_a_command(site: Site, notes: Notes) -> None:
    with site.app.app_context():
        with unit_of_work():
            after_commit(notes, "after")
            notes("within")
        with suppress(ValueError), unit_of_work():
            after_commit(notes, "never")
            raise ValueError
    assert notes == ["within", "after"]


def test_r7_calls_run_before_those_of_regardless(site: Site, notes: Notes) -> None:
    @site.view()
    def act() -> dict[str, str]:
        regardless(notes, "regardless")
        after_commit(notes, "after the commit")
        commit_later()
        return {}

    site.post()
    assert notes == ["after the commit", "regardless"]
