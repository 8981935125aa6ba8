"""The failures of the naive pattern: a flag on `g`, and a commit in an after_request function.

Each was measured on current versions, and each has a test with its number.
"""

from contextlib import suppress
from typing import Any

import pytest
from flask import Response, abort, flash, g, session, stream_with_context

from app.clock import now
from app.database import db
from app.sessions.cookies import set_remember_cookie
from app.sessions.logins import lifetime
from app.unit_of_work import (
    ReadOnlyRequest,
    UncommittedChanges,
    after_commit,
    commit_later,
)
from app.users.models import User
from tests.commit_failures import deferred_refusal
from tests.conftest import signed_in
from tests.view_site import Notes, Site, add, run


def test_1_an_exception_after_the_flag_commits_nothing(site: Site) -> None:
    site.use_production_errors()

    @site.view()
    def act() -> None:
        add("half-done@example.com")
        commit_later()
        raise ValueError

    assert site.post().status_code == 500
    assert site.emails == []


def test_2_an_abort_after_the_flag_commits_nothing(site: Site) -> None:
    @site.view()
    def act() -> None:
        add("half-done@example.com")
        commit_later()
        abort(400)

    assert site.post().status_code == 400
    assert site.emails == []


def test_3_a_failed_commit_runs_nothing_twice_and_signs_no_user_in(site: Site) -> None:
    runs = Notes()

    @site.view()
    def act() -> dict[str, str]:
        add("bob@example.com")
        session["_user_id"] = "bob's token"
        set_remember_cookie("bob's token", now() + lifetime(remembered=True))
        flash("Saved!")
        commit_later()
        return {}

    @site.blueprint.after_request
    def count(response: Response) -> Response:
        runs("once")
        return response

    with deferred_refusal(site.database_url, "users"):
        response = site.post()
    assert response.status_code == 409
    assert "Set-Cookie" not in response.headers
    assert runs == ["once"]


def test_4_a_write_in_a_streamed_body_raises(site: Site) -> None:
    @site.view()
    def act() -> Response:
        def body() -> Any:
            yield "first"
            add("lost@example.com")

        commit_later()
        return Response(stream_with_context(body()), mimetype="text/plain")

    with pytest.raises(UncommittedChanges, match="streamed"):
        site.post(buffered=True).close()


def test_5_nothing_is_shared_through_a_pushed_context(site: Site, alice: User) -> None:
    site.view(path="/flag")(lambda: commit_later() or {})

    @site.view("GET")
    def act() -> dict[str, str]:
        add("mallory@example.com")
        return {}

    with site.app.app_context():
        signed_in(site.app, alice).post("/flag")
        with suppress(ReadOnlyRequest, UncommittedChanges):
            site.get()
        assert "commit_later" not in g
        assert site.get("/account").status_code == 303
    assert site.emails == ["alice@example.com"]


def test_6_a_handled_exception_rolls_back_although_teardown_gets_none(site: Site) -> None:
    seen: list[BaseException | None] = []

    @site.view()
    def act() -> None:
        add("half-done@example.com")
        commit_later()
        raise ValueError

    site.blueprint.errorhandler(ValueError)(lambda error: {"handled": True})
    site.blueprint.teardown_app_request(seen.append)
    assert site.post().json == {"handled": True}
    assert (seen, site.emails) == ([None], [])


def test_7_a_savepoint_or_an_empty_commit_is_not_the_commit(site: Site) -> None:
    notes = Notes()

    def note() -> None:
        notes(str(db.session.query(User).count()))

    @site.view()
    def act() -> dict[str, list[str]]:
        after_commit(note)
        with db.session.begin_nested():
            add("bob@example.com")
        before = [*notes]
        commit_later()
        return {"before": before}

    assert site.post().json == {"before": []}
    assert notes == ["1"]


def test_8_saving_the_cookie_session_commits_nothing(site: Site) -> None:
    """Flask-Session's SQLAlchemy store does, so that there is no such store."""

    @site.view()
    def act() -> None:
        add("half-done@example.com")
        session["cart"] = "full"
        abort(422)

    @site.blueprint.errorhandler(422)
    def handle_error(error: Any) -> dict[str, str]:
        session["said"] = "sorry"
        return {}

    assert "Set-Cookie" in site.post().headers
    assert run(site.database_url, "SELECT count(*) FROM users") == [(0,)]
