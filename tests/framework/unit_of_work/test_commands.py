"""R11: `with unit_of_work():` gives commands and jobs the same promises."""

from typing import Any

import pytest
from flask import g
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.database import db
from app.unit_of_work import (
    CommitOutsideUnit,
    ReadOnlyRequest,
    UncommittedChanges,
    commit_later,
    reading,
    unit_of_work,
)
from app.users.accounts import has_users
from app.users.models import User
from tests.commit_failures import deferred_refusal
from tests.view_site import Site, add


@pytest.fixture
def shell(site: Site) -> Any:
    with site.app.app_context():
        yield


def test_r11_a_unit_commits_when_it_ends(site: Site, shell: None) -> None:
    with unit_of_work():
        add("bob@example.com")
        assert site.emails == []
    assert site.emails == ["bob@example.com"]


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt, SystemExit])
def test_r11_a_unit_rolls_back_when_it_raises(site: Site, shell: None, kind: Any) -> None:
    with pytest.raises(kind), unit_of_work():
        raise_after_change(kind)
    assert site.emails == []
    assert site.connections == 0


def raise_after_change(kind: type[BaseException]) -> None:
    add("bob@example.com")
    db.session.flush()
    raise kind


def test_r11_a_failed_commit_is_raised(site: Site, shell: None) -> None:
    refused = pytest.raises(DBAPIError, match=r"refused at COMMIT|FOREIGN KEY")
    with deferred_refusal(site.database_url, "users"), refused, unit_of_work():
        add("bob@example.com")
    assert site.emails == []
    assert site.connections == 0


def test_r11_a_unit_has_its_own_context(site: Site, shell: None) -> None:
    g.csp_nonce = "the shell's"
    with unit_of_work():
        assert "csp_nonce" not in g
        commit_later()
    assert g.csp_nonce == "the shell's"
    assert "commit_later" not in g


def test_r11_objects_stay_readable_after_the_unit(site: Site, shell: None) -> None:
    with unit_of_work():
        user = add("bob@example.com")
    assert user.email == "bob@example.com"
    assert user.id


def test_r11_writing_outside_a_unit_is_rejected(site: Site, shell: None) -> None:
    add("bob@example.com")
    with pytest.raises(ReadOnlyRequest, match="unit_of_work"):
        db.session.flush()
    db.session.rollback()


def test_r11_unsaved_changes_of_a_shell_are_reported(site: Site) -> None:
    shell = site.app.app_context()
    shell.push()
    add("bob@example.com")
    with pytest.raises(UncommittedChanges, match="unit_of_work"):
        shell.pop()


def test_r11_a_unit_is_one_transaction(site: Site, shell: None, trace_sql: Any) -> None:
    watched = trace_sql(site.app)
    with unit_of_work():
        has_users()
        add("bob@example.com")
    assert watched.keywords == ["BEGIN", "SELECT", "INSERT", "COMMIT"]


def test_r11_a_unit_cannot_begin_inside_an_open_transaction(site: Site) -> None:
    @site.view()
    def act() -> None:
        add("bob@example.com")
        with unit_of_work():
            pass

    with pytest.raises(CommitOutsideUnit, match="has begun"):
        site.post()


def test_r11_a_unit_can_come_before_the_first_query_of_the_request(site: Site) -> None:
    @site.view()
    def act() -> dict[str, str]:
        with reading():
            has_users()
        with unit_of_work():
            add("first@example.com")
        add("second@example.com")
        commit_later()
        return {}

    site.post()
    assert site.emails == ["first@example.com", "second@example.com"]


def test_r11_a_savepoint_can_fail_inside_a_unit(site: Site, shell: None, alice: User) -> None:
    with unit_of_work():
        with pytest.raises(IntegrityError), db.session.begin_nested():
            add("alice@example.com")
        add("bob@example.com")
    assert site.emails == ["alice@example.com", "bob@example.com"]
