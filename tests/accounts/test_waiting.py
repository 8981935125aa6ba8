"""M1, S12: a request that waits for a lock while its login ends does nothing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest
from sqlalchemy import select

from app.accounts.email_change import request_email_change
from app.accounts.models import MailedLink
from app.accounts.password_change import change_password
from app.application import Application
from app.database import Model, db
from app.export.models import Export  # part: export
from app.sessions.logins import end_logins
from app.unit_of_work import unit_of_work
from app.users.accounts import disable_user, lock_user
from app.users.models import User
from app.users.scheduled_deletions import Deletion
from tests.client import Client
from tests.conftest import PASSWORD, password_hash, signed_in, visitor
from tests.emailed_links import PASSPHRASE
from tests.logins import find_logins

Link = Callable[[str], str]
NEW = "mallory@new.example"
ATTACKERS_PASSWORD = "let mallory in, please"
ACTIONS: dict[str, dict[str, str]] = {
    "/account": {"display_name": "Mallory"},
    "/account/password": {"current_password": PASSWORD, "password": ATTACKERS_PASSWORD},
    "/account/email": {"email": NEW},
    "/account/export": {},  # part: export
    "/account/delete": {},
}
TIMES = 10


def wait_behind(
    app: Application,
    user: User,
    change: Callable[[User], None],
    client: Client,
    path: str,
    **fields: str,
) -> int:
    """Send a form while a unit of work locks the user's row; return the status of the response."""
    filled = client.page(path).fields_for(path) | fields
    with ThreadPoolExecutor(1) as other:
        with app.app_context(), unit_of_work():
            owner = db.session.get_one(User, user.id)
            lock_user(owner)
            waiting = other.submit(client.post, path, data=filled)
            sleep(0.3)
            assert not waiting.done(), "it waits for the lock"
            change(owner)
        return waiting.result().status_code


def state_of(app: Application, user: User) -> dict[str, object]:
    """Return the data that the attacker's request must not change."""
    tables: list[type[Model]] = [MailedLink, Deletion]
    tables.append(Export)  # part: export
    with app.app_context():
        now = db.session.get_one(User, user.id)
        rows = {it.__name__: len(db.session.scalars(select(it)).all()) for it in tables}
        return {**rows, "name": now.display_name, "email": now.email, "hash": now.password_hash}


@pytest.mark.parametrize("path", ACTIONS)
def test_m1_a_waiting_action_of_an_ended_login_does_nothing(
    path: str, app: Application, alice: User
) -> None:
    mallory = signed_in(app, alice)
    before = state_of(app, alice)
    assert wait_behind(app, alice, end_logins, mallory, path, **ACTIONS[path]) == 401
    assert state_of(app, alice) == before


@pytest.mark.parametrize("path", ACTIONS)
def test_m1_a_waiting_action_on_a_disabled_account_does_nothing(
    path: str, app: Application, alice: User
) -> None:
    def disable(user: User) -> None:
        disable_user(user)
        end_logins(user)

    mallory = signed_in(app, alice)
    before = state_of(app, alice)
    assert wait_behind(app, alice, disable, mallory, path, **ACTIONS[path]) in {401, 422}
    assert state_of(app, alice) == before


def test_m1_ten_waiting_email_changes_do_nothing_after_a_password_change(
    app: Application, alice: User
) -> None:
    def change(user: User) -> None:
        change_password(user, None, password_hash())

    for _ in range(TIMES):
        mallory = signed_in(app, alice)
        assert wait_behind(app, alice, change, mallory, "/account/email", email=NEW) == 401
    assert state_of(app, alice)["MailedLink"] == 0


def test_m1_a_link_voided_while_its_request_waits_changes_nothing(
    app: Application, alice: User, client: Client, link: Link
) -> None:
    signed_in(app, alice).submit("/account/email", email=NEW)
    status = wait_behind(app, alice, end_logins, client, link(NEW))
    assert status == 410
    assert state_of(app, alice)["email"] == "alice@example.com"


def test_m1_a_reset_that_waits_while_the_account_is_disabled_changes_nothing(
    app: Application, alice: User, client: Client, link: Link
) -> None:
    client.submit("/reset", email=alice.email)
    status = wait_behind(app, alice, disable_user, client, link(alice.email), password=PASSPHRASE)
    assert status == 410
    assert state_of(app, alice)["hash"] == alice.password_hash


def test_m1_a_request_saved_just_before_its_login_ends_is_void(
    app: Application, alice: User, client: Client, link: Link
) -> None:
    signed_in(app, alice)  # Mallory's
    here = signed_in(app, alice)
    token = here.csrf_token("/devices")
    with ThreadPoolExecutor(1) as other:
        with app.app_context(), unit_of_work():
            owner = db.session.get_one(User, alice.id)
            lock_user(owner)
            request_email_change(owner, find_logins(owner)[0], NEW)
            db.session.flush()
            data = {"csrf_token": token}
            ending = other.submit(here.post, "/devices/end-others", data=data)
            sleep(0.3)
            assert not ending.done()
        assert ending.result().status_code == 303
    client.page(link(NEW), 410)


def test_s11_a_password_change_invalidates_copies_of_the_cookie(
    app: Application, alice: User
) -> None:
    here, copy = signed_in(app, alice), visitor(app)
    here.get("/account")
    cookie = here.get_cookie("session")
    assert cookie is not None
    copy.set_cookie("session", cookie.value)
    assert copy.get("/account").status_code == 200
    here.submit("/account/password", current_password=PASSWORD, password=PASSPHRASE)
    assert here.get("/account").status_code == 200
    assert copy.get("/account").status_code == 303
