"""Concurrent requests with the same code: one succeeds, on each database."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import sleep

from app.application import Application
from app.database import db
from app.sessions.logins import end_logins
from app.two_factor.authenticators import add_authenticator
from app.two_factor.totp import code_at, current_step, make_secret
from app.unit_of_work import unit_of_work
from app.users.accounts import lock_user
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, signed_in, visitor
from tests.two_factor.phones import Phone, give_password, secret_shown

MakeApp = Callable[..., Application]
AT_ONCE = 8


def send_at_once(clients: list[Client], path: str, code: str) -> Counter[int]:
    """Send the same code from all browsers at the same time; count the status codes."""
    forms = [client.page(path).fields_for(path) | {"code": code} for client in clients]
    with ThreadPoolExecutor(len(clients)) as browsers:
        sent = [
            browsers.submit(client.post, path, data=form)
            for client, form in zip(clients, forms, strict=True)
        ]
        return Counter(response.result().status_code for response in sent)


def awaited(app: Application, user: User) -> list[Client]:
    """Return browsers in which the right password was entered."""
    clients = [visitor(app) for _ in range(AT_ONCE)]
    for client in clients:
        give_password(client, user)
    return clients


def test_concurrent_uses_of_a_code_sign_in_once(
    make_app: MakeApp, alice: User, phone: Phone
) -> None:
    app = make_app(LOGIN_ATTEMPTS=99)
    statuses = send_at_once(awaited(app, alice), "/login/second", phone.code())
    assert statuses == {303: 1, 422: AT_ONCE - 1}


def test_concurrent_uses_of_a_recovery_code_sign_in_once(
    make_app: MakeApp, alice: User, recovery_codes: list[str]
) -> None:
    app = make_app(LOGIN_ATTEMPTS=99)
    statuses = send_at_once(awaited(app, alice), "/login/second", recovery_codes[0])
    assert statuses == {303: 1, 422: AT_ONCE - 1}


def test_of_many_concurrent_guesses_five_are_checked(
    app: Application, alice: User, phone: Phone
) -> None:
    statuses = send_at_once(awaited(app, alice), "/login/second", phone.wrong_code)
    assert statuses == {422: 5, 429: AT_ONCE - 5}


def test_concurrent_setups_store_one_authenticator(app: Application, alice: User) -> None:
    one = signed_in(app, alice)
    phone = secret_shown(one.page("/two-factor"))
    other = visitor(app)
    cookie = one.get_cookie("session")
    assert cookie is not None
    other.set_cookie("session", cookie.value)
    statuses = send_at_once([one, other], "/two-factor", phone.code())
    assert statuses == {303: 1, 401: 1}, "the former token ends with the change"
    [kept] = [browser for browser in (one, other) if browser.is_signed_in]
    assert "10 recovery codes left" in kept.page("/account").text


def test_a_sign_in_during_setup_requires_the_new_factor(app: Application, alice: User) -> None:
    """Otherwise a login by the password alone would begin just after all others ended."""
    client, secret = visitor(app), make_secret()
    form = client.page("/login").fields_for("/login")
    with ThreadPoolExecutor(1) as other:
        with app.app_context(), unit_of_work():
            user = db.session.get_one(User, alice.id)
            lock_user(user)
            assert add_authenticator(user, secret, code_at(secret, current_step()))
            end_logins(user)
            fields = form | {"email": alice.email, "password": PASSWORD}
            signing_in = other.submit(client.post, "/login", data=fields)
            sleep(1)
            assert not signing_in.done(), "it waits for the lock on the user"
        assert signing_in.result().location == "/login/second"
