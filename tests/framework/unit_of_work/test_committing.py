"""R2, R3: one transaction, chosen before the first query and committed once, at the end."""

import pytest
from flask import Response, after_this_request, g
from sqlalchemy import select

from app.database import db
from app.unit_of_work import (
    CommitOutsideUnit,
    ReadOnlyRequest,
    UncommittedChanges,
    commit_later,
    make_read_only,
    reading,
    regardless,
    unit_of_work,
)
from app.users.accounts import find_user, has_users
from app.users.models import User
from tests.databases import on_sqlite
from tests.view_site import Notes, Site, add


def test_r2_a_post_is_one_transaction_from_its_first_query(site: Site, trace_sql) -> None:
    @site.view()
    def act() -> dict[str, str]:
        assert not has_users()
        add("bob@example.com")
        commit_later()
        return {}

    watched = trace_sql(site.app)
    site.post()
    assert watched.keywords == ["BEGIN", "SELECT", "INSERT", "COMMIT"]


@on_sqlite
def test_r2_sqlite_begins_as_a_writer(site: Site, trace_sql) -> None:
    @site.view("PUT")
    def act() -> dict[str, str]:
        has_users()
        return {}

    watched = trace_sql(site.app)
    site.client.put("/act")
    assert watched.statements[0] == "BEGIN IMMEDIATE"


def test_r2_the_mode_is_chosen_before_the_first_query(site: Site, trace_sql) -> None:
    @site.blueprint.url_value_preprocessor
    def load(endpoint: str, values: dict[str, object]) -> None:
        has_users()

    @site.view()
    def act() -> dict[str, str]:
        return {}

    watched = trace_sql(site.app)
    site.post()
    assert watched.keywords == ["BEGIN", "SELECT", "ROLLBACK"]


def test_r2_a_post_can_read_first_without_a_transaction(
    site: Site, trace_sql, alice: User
) -> None:
    @site.view()
    def act() -> dict[str, str]:
        with reading():
            user = find_user("alice@example.com")
        assert site.connections == 0
        user.display_name = "Alice"
        commit_later()
        return {}

    watched = trace_sql(site.app)
    site.post()
    assert watched.keywords == ["SELECT", "BEGIN", "UPDATE", "COMMIT"]


def test_r2_reading_comes_before_the_first_change(site: Site) -> None:
    @site.view()
    def act() -> dict[str, str]:
        add("bob@example.com")
        with reading():
            return {}

    with pytest.raises(CommitOutsideUnit, match="Read before you change"):
        site.post()


@pytest.mark.parametrize("flushed", [True, False], ids=["flushed", "pending"])
def test_r3_the_commit_comes_after_every_other_after_request_function(
    site: Site, flushed: bool
) -> None:
    seen = Notes()

    def note_users(response: Response) -> Response:
        seen(f"{len(site.emails)} users")
        return response

    @site.view()
    def act() -> dict[str, str]:
        add("bob@example.com")
        if flushed:
            db.session.flush()
        after_this_request(note_users)
        commit_later()
        return {}

    site.blueprint.after_request(note_users)
    site.app.after_request(note_users)
    site.post()
    assert seen == ["0 users"] * 3
    assert site.emails == ["bob@example.com"]


def test_r3_the_commit_is_the_last_after_request_function(site: Site) -> None:
    functions = [function.__name__ for function in site.app.after_request_funcs[None]]
    assert functions[0] == "finish"


def test_r3_the_commit_comes_before_the_first_byte(site: Site) -> None:
    seen = Notes()

    @site.view()
    def act() -> Response:
        add("bob@example.com")
        commit_later()

        def body():
            seen(f"{len(site.emails)} users")
            yield "{}"

        return Response(body(), mimetype="application/json")

    site.post()
    assert seen == ["1 users"]


def test_r3_changes_of_after_request_functions_are_committed(site: Site) -> None:
    @site.view()
    def act() -> dict[str, str]:
        commit_later()
        return {}

    @site.blueprint.after_request
    def count(response: Response) -> Response:
        add("counted@example.com")
        return response

    site.post()
    assert site.emails == ["counted@example.com"]


def test_r4_a_returned_4xx_commits(site: Site) -> None:
    @site.view()
    def act() -> tuple[dict[str, str], int]:
        add("counted@example.com")
        commit_later()
        return {}, 422

    assert site.post().status_code == 422
    assert site.emails == ["counted@example.com"]


def test_r3_commit_later_sets_the_flag_on_g(site: Site) -> None:
    @site.view()
    def act() -> dict[str, bool]:
        before = g.commit_later
        commit_later()
        return {"before": before, "after": g.commit_later}

    assert site.post().json == {"before": False, "after": True}


def test_r3_the_flag_of_a_request_is_not_set_in_a_unit_inside_it(site: Site) -> None:
    @site.view()
    def act() -> dict[str, bool]:
        commit_later()
        outer = g.unit
        with unit_of_work():
            inside = g.commit_later
        return {"inside": inside, "outside": g.commit_later, "kept": g.unit is outer}

    assert site.post().json == {"inside": False, "outside": True, "kept": True}


def test_r3_commit_later_in_an_inner_unit_does_not_commit_the_request(site: Site) -> None:
    @site.view()
    def act() -> dict[str, bool]:
        with unit_of_work():
            add("inner@example.com")
            commit_later()
        add("outer@example.com")
        return {}

    with pytest.raises(UncommittedChanges):
        site.post()
    assert site.emails == ["inner@example.com"]


def test_r3_a_request_that_becomes_read_only_does_not_commit(site: Site) -> None:
    events: list[str] = []

    @site.view()
    def act() -> dict[str, bool]:
        regardless(events.append, "recorded")
        commit_later()
        make_read_only()
        with pytest.raises(ReadOnlyRequest):
            commit_later()
        return {"commit_later": g.commit_later}

    assert site.post().json == {"commit_later": False}
    assert events == ["recorded"]


def test_objects_stay_readable_after_the_commit(site: Site, alice: User, trace_sql) -> None:
    @site.view()
    def act() -> Response:
        user = db.session.scalar(select(User))
        user.display_name = "Alice"
        commit_later()
        return Response((user.display_name for _ in range(1)), mimetype="text/plain")

    watched = trace_sql(site.app)
    assert site.post().text == "Alice"
    assert watched.keywords == ["BEGIN", "SELECT", "UPDATE", "COMMIT"]
