"""R6: a failed commit is reported truthfully, and nothing the view did reaches the client."""

import time
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from flask import Response, after_this_request, flash, get_flashed_messages, redirect, session
from sqlalchemy.exc import IntegrityError

from app import expiring
from app.clock import now
from app.database import db
from app.sessions.cookies import set_remember_cookie
from app.unit_of_work import after_commit, commit_later, regardless
from tests import commit_failures
from tests.databases import databases
from tests.view_site import Notes, Site, add

# How the commit fails on SQLite and on PostgreSQL, and the status of the response.
FAILURES = {
    "taken": (commit_failures.taken, commit_failures.taken, 409),
    "a deferred constraint": (
        commit_failures.deferred_trigger,
        commit_failures.deferred_trigger,
        409,
    ),
    "a deferred unique key": (None, commit_failures.deferred_unique, 409),
    "a full disk or a lost connection": (
        commit_failures.disk_full,
        commit_failures.connection_terminated,
        503,
    ),
    "a standby server": (None, commit_failures.read_only_server, 503),
    "a lock": (commit_failures.file_locked, commit_failures.row_locked, 503),
    "a write skew": (None, commit_failures.write_skew, 503),
    "a row changed since the snapshot": (None, commit_failures.row_changed_since_snapshot, 503),
}


class FailingView:
    """A view that changes the session, cookies, headers and rows, and whose commit then fails."""

    def __init__(self, site: Site, failure: Any, status: int) -> None:
        self.site = site
        self.failure: AbstractContextManager[Any] = failure(site)
        self.status = status
        self.notes = Notes()
        self.fail_in_view: Any = None
        site.view(path="/before")(self.before)
        site.view(path="/act")(self.act)
        site.view("GET", path="/cookie")(self.cookie)
        site.blueprint.after_request(self.count)

    def before(self) -> dict[str, str]:
        session["cart"] = {"books": [1]}
        expiring.put("theme", "dark", timedelta(days=1))
        flash("Welcome.")
        return {}

    def act(self) -> Response:
        assert get_flashed_messages() == ["Welcome."]
        session["cart"]["books"].append(2)
        session["user"] = "alice"
        session.permanent = True
        expiring.put("theme", "light", timedelta(days=1))
        flash("Saved!")
        set_remember_cookie("token", now() + timedelta(days=14))
        after_commit(self.notes, "mailed")
        regardless(self.notes, "counted")
        after_this_request(self.add_header_late)
        add("bob@example.com")
        self.fail_in_view()
        commit_later()
        response = redirect("/saved")
        response.headers["Cache-Control"] = "public, max-age=60"
        response.headers["Content-Security-Policy"] = "default-src *"
        return response

    def add_header_late(self, response: Response) -> Response:
        response.headers["HX-Trigger"] = "saved"
        response.set_cookie("saved", "yes")
        return response

    def count(self, response: Response) -> Response:
        self.notes("after_request")
        response.headers["Server-Timing"] = "view;dur=1"
        return response

    def cookie(self) -> dict[str, Any]:
        return {**session}

    def send(self) -> Response:
        with self.failure as self.fail_in_view:
            self.site.post("/before")
            self.before_it = self.site.get("/cookie").json
            self.notes.clear()
            return self.site.post("/act")


@pytest.fixture
def failing_view(request: Any, site: Site, alice: Any, is_postgresql: bool) -> FailingView:
    *failures_by_engine, status = FAILURES[request.param]
    return FailingView(site, failures_by_engine[is_postgresql], status)


for_every_failure = pytest.mark.parametrize(
    ("database_url", "failing_view"),
    [
        (database, name)
        for name, (on_sqlite, on_postgresql, _) in FAILURES.items()
        for database in databases()
        if {"sqlite": on_sqlite, "postgresql": on_postgresql}[database]
    ],
    indirect=True,
)


@for_every_failure
def test_r6_the_status_says_what_happened(failing_view: FailingView) -> None:
    response = failing_view.send()
    assert response.status_code == failing_view.status
    assert response.headers.get("Retry-After") == ("5" if failing_view.status == 503 else None)
    assert failing_view.site.emails == ["alice@example.com"]


@for_every_failure
def test_r6_no_cookie_is_changed(failing_view: FailingView) -> None:
    assert "Set-Cookie" not in failing_view.send().headers
    assert failing_view.site.get("/cookie").json == failing_view.before_it
    assert failing_view.before_it["cart"] == {"books": [1]}


@for_every_failure
def test_r6_headers_of_the_view_are_removed(failing_view: FailingView) -> None:
    headers = failing_view.send().headers
    assert not {"Location", "HX-Trigger"} & {*headers.keys()}
    assert "max-age" not in headers["Cache-Control"]


@for_every_failure
def test_r6_headers_of_every_response_are_kept(failing_view: FailingView) -> None:
    headers = failing_view.send().headers
    assert headers["Server-Timing"] == "view;dur=1"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Request-ID"]


@for_every_failure
def test_r6_nothing_is_sent_and_regardless_runs(failing_view: FailingView) -> None:
    """Every after_request function runs once, where the naive pattern ran them all twice."""
    failing_view.send()
    assert failing_view.notes == ["after_request", "counted"]


@for_every_failure
def test_r6_the_next_request_works_and_no_connection_is_lost(failing_view: FailingView) -> None:
    failing_view.send()
    assert failing_view.site.connections == 0
    failing_view.fail_in_view = lambda: None
    assert failing_view.site.post("/act").status_code == 302
    assert failing_view.site.emails == ["alice@example.com", "bob@example.com"]
    assert failing_view.notes[-2:] == ["mailed", "counted"]


def test_r6_any_other_failure_is_a_500(site: Site, caplog: Any) -> None:
    site.use_production_errors()

    @site.view()
    def act() -> dict[str, str]:
        add("bob@example.com").created_at = "yesterday"  # type: ignore[assignment]  # the mistake under test
        session["user"] = "bob"
        commit_later()
        return {}

    response = site.post()
    assert response.status_code == 500
    assert "Set-Cookie" not in response.headers
    assert len([record for record in caplog.records if record.exc_info]) == 1


def test_r6_an_error_handler_of_the_product_handles_a_failed_commit(
    site: Site, alice: Any
) -> None:
    @site.view()
    def act() -> dict[str, str]:
        add("alice@example.com")
        commit_later()
        return {}

    @site.blueprint.errorhandler(IntegrityError)
    def handle_error(error: IntegrityError) -> tuple[dict[str, str], int]:
        return {"email": "taken"}, 422

    response = site.post()
    assert (response.status_code, response.json) == (422, {"email": "taken"})


def test_r6_a_failed_flush_gets_the_same_response(site: Site, alice: Any) -> None:
    @site.view()
    def act() -> dict[str, str]:
        session["user"] = "alice"
        add("alice@example.com")
        db.session.flush()
        return {}

    response = site.post()
    assert response.status_code == 409
    assert "Set-Cookie" not in response.headers


def test_r6_waiting_for_a_lock_has_a_limit(site: Site, alice: Any, is_postgresql: bool) -> None:
    failing_view = FailingView(
        site, commit_failures.row_locked if is_postgresql else commit_failures.file_locked, 503
    )
    began = time.monotonic()
    assert failing_view.send().status_code == 503
    assert time.monotonic() - began < 8
