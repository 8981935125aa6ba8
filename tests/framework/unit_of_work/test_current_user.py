"""R13: a request has one user, also in its units, and cookies are read only once."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from flask import abort
from sqlalchemy import select

from app.crypto.tokens import digest
from app.database import db
from app.jobs.later import QUEUE, job, run_later
from app.sessions.current import (
    current_login,
    current_user,
    get_current_user,
    lock_current_login,
    sign_in,
    sign_out,
)
from app.sessions.models import LoginSession
from app.unit_of_work import after_commit, commit_later, reading, regardless, unit_of_work
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, visitor
from tests.view_site import Notes, Site, run

ANONYMOUS = "anonymous"
found = Notes()


@job
def note_user_in_a_job() -> None:
    found(name())


def name() -> str:
    return current_user.email if current_user.is_authenticated else ANONYMOUS


def in_a_unit(function: Callable[[], object]) -> None:
    with reading(), unit_of_work():
        function()


WAYS: dict[str, Callable[[Callable[[], object]], None]] = {
    "unit_of_work": in_a_unit,
    "regardless": regardless,
    "after_commit": after_commit,
    "a unit after the commit": lambda function: after_commit(in_a_unit, function),
    "a unit regardless": lambda function: regardless(in_a_unit, function),
}


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture(params=["session cookie", "both cookies", "remember cookie"])
def signed_in_client(
    site: Site, alice: User, request: pytest.FixtureRequest
) -> Callable[[], Client]:
    """Return a function that signs Alice in, once the views are added."""

    def make() -> Client:
        client = visitor(site.app)
        remember = {} if request.param == "session cookie" else {"remember": "y"}
        fields = {"email": alice.email, "password": PASSWORD} | remember
        assert client.submit("/login", **fields).status_code == 303
        if request.param == "remember cookie":
            client.delete_cookie("session")
        return client

    return make


def names_alice(client: Client) -> bool:
    """Return whether both cookies have the current token of her only login."""
    with client.application.app_context():
        [login] = db.session.scalars(select(LoginSession))
    with client.session_transaction() as cookie:
        tokens = {cookie["_user_id"]}
    held = client.get_cookie("remember_token")
    if held is not None:
        tokens.add(held.value)
    return {digest(token) for token in tokens} == {login.token_digest}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_r13_the_user_of_the_request_is_the_user_of_its_units(
    site: Site,
    notes: Notes,
    signed_in_client: Callable[[], Client],
    method: str,
    way: Callable[[Callable[[], object]], None],
) -> None:
    def note() -> None:
        login = current_login()
        notes(f"{name()} {login is not None and login.user_id == current_user.id}")

    @site.view(method)
    def act() -> dict[str, str]:
        way(note)
        if method == "POST":
            commit_later()
        return {"outside": name()}

    client = signed_in_client()
    response = client.open("/act", method=method)
    assert (response.status_code, response.json) == (200, {"outside": "alice@example.com"})
    assert notes == ["alice@example.com True"]
    assert len(response.headers.getlist("Set-Cookie")) <= 2
    assert names_alice(client)
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_r13_a_visitor_is_a_visitor_in_every_unit(
    site: Site, notes: Notes, way: Callable[[Callable[[], object]], None]
) -> None:
    @site.view("GET")
    def act() -> dict[str, str]:
        way(lambda: notes(f"{name()} {current_login()}"))
        return {}

    assert site.get().headers.getlist("Set-Cookie") == []
    assert notes == [f"{ANONYMOUS} None"]


def test_r13_a_unit_saves_its_own_changes_of_the_user(
    site: Site, alice: User, signed_in_client: Callable[[], Client]
) -> None:
    seen = Notes()

    @site.view()
    def act() -> dict[str, str]:
        with reading(), unit_of_work():
            seen(str(get_current_user() in db.session))
            current_user.display_name = "From the unit"
        seen(str(get_current_user() in db.session))
        seen(current_user.display_name)
        regardless(rename)
        current_user.email = "from.the.view@example.com"
        commit_later()
        return {}

    def rename() -> None:
        current_user.display_name += ", and after it"

    assert signed_in_client().post("/act").status_code == 200
    assert seen == ["True", "True", ""]
    [row] = run(site.database_url, "SELECT email, display_name FROM users")
    assert tuple(row) == ("from.the.view@example.com", "From the unit, and after it")


def test_r13_a_failed_unit_does_not_change_the_user_of_the_view(
    site: Site, signed_in_client: Callable[[], Client]
) -> None:
    @site.view()
    def act() -> dict[str, str]:
        with reading(), suppress(ZeroDivisionError), unit_of_work():
            current_user.display_name = "Half-done"
            raise ZeroDivisionError
        current_user.email = "from.the.view@example.com"
        commit_later()
        return {"name": current_user.display_name}

    assert signed_in_client().post("/act").json == {"name": ""}
    [row] = run(site.database_url, "SELECT email, display_name FROM users")
    assert tuple(row) == ("from.the.view@example.com", "")


def test_r13_a_login_can_be_locked_in_a_unit(
    site: Site, notes: Notes, signed_in_client: Callable[[], Client]
) -> None:
    @site.view()
    def act() -> dict[str, str]:
        regardless(lambda: notes(lock_current_login().email))
        return {}

    signed_in_client().post("/act")
    assert notes == ["alice@example.com"]


@pytest.mark.parametrize(("fails", "user"), [(False, ANONYMOUS), (True, "alice@example.com")])
def test_r13_units_have_no_user_after_a_committed_sign_out(
    site: Site, notes: Notes, signed_in_client: Callable[[], Client], fails: bool, user: str
) -> None:
    @site.view()
    def act() -> dict[str, str]:
        sign_out()
        commit_later()
        regardless(lambda: notes(name()))
        return abort(400) if fails else {}

    signed_in_client().post("/act")
    assert notes == [user]


@pytest.mark.parametrize(("fails", "user"), [(False, "bob@example.com"), (True, ANONYMOUS)])
def test_r13_units_have_the_user_after_a_committed_sign_in(
    site: Site, notes: Notes, bob: User, fails: bool, user: str
) -> None:
    @site.view()
    def act() -> dict[str, str]:
        sign_in(db.session.get_one(User, bob.id), remembered=True)
        commit_later()
        regardless(lambda: notes(name()))
        return abort(400) if fails else {}

    site.post()
    assert notes == [user]


def test_r13_a_user_not_loaded_before_the_response_is_not_loaded_after(
    site: Site, notes: Notes, signed_in_client: Callable[[], Client]
) -> None:
    """Its cookies could no longer be sent."""

    @site.app.after_request
    def load_user_late(response: Any) -> Any:
        regardless(lambda: notes(name()))
        return response

    client = signed_in_client()
    notes.clear()
    response = client.get("/static/app.css", buffered=True)
    assert notes == [ANONYMOUS]
    assert response.headers.getlist("Set-Cookie") == []


def test_r13_jobs_and_commands_have_no_user(
    site: Site, signed_in_client: Callable[[], Client]
) -> None:
    @site.view()
    def act() -> dict[str, str]:
        run_later(note_user_in_a_job)
        commit_later()
        return {}

    @site.app.cli.command("show-user")
    def show_user() -> None:
        found(name())
        with unit_of_work():
            found(f"{name()} {current_login()}")

    found.clear()
    signed_in_client().post("/act")
    with site.app.app_context():
        assert QUEUE.process_next() == "done"
    assert site.app.test_cli_runner().invoke(args=["show-user"]).exit_code == 0
    assert found == [ANONYMOUS, ANONYMOUS, f"{ANONYMOUS} None"]
