"""Of two who come at once with the same code, one is let in; on every engine."""

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
from tests.two_factor.phones import Phone, give_password, is_in, secret_shown

MakeApp = Callable[..., Application]
AT_ONCE = 8


def send_at_once(clients: list[Client], path: str, code: str) -> Counter[int]:
    """Send the same code from every browser at the same moment; count the answers."""
    forms = [client.page(path).fields_for(path) | {"code": code} for client in clients]
    with ThreadPoolExecutor(len(clients)) as people:
        sent = [
            people.submit(client.post, path, data=form)
            for client, form in zip(clients, forms, strict=True)
        ]
        return Counter(answer.result().status_code for answer in sent)


def awaited(app: Application, user: User) -> list[Client]:
    """Return browsers that have all given the right password."""
    clients = [visitor(app) for _ in range(AT_ONCE)]
    for client in clients:
        give_password(client, user)
    return clients


def test_a_code_of_the_phone_lets_one_in(make_app: MakeApp, alice: User, phone: Phone) -> None:
    app = make_app(LOGIN_ATTEMPTS=99)
    answers = send_at_once(awaited(app, alice), "/login/second", phone.code())
    assert answers == {303: 1, 422: AT_ONCE - 1}


def test_a_recovery_code_lets_one_in(make_app: MakeApp, alice: User, paper: list[str]) -> None:
    app = make_app(LOGIN_ATTEMPTS=99)
    answers = send_at_once(awaited(app, alice), "/login/second", paper[0])
    assert answers == {303: 1, 422: AT_ONCE - 1}


def test_of_many_guesses_at_once_five_are_looked_at(
    app: Application, alice: User, phone: Phone
) -> None:
    answers = send_at_once(awaited(app, alice), "/login/second", phone.wrong_code)
    assert answers == {422: 5, 429: AT_ONCE - 5}


def test_turned_on_twice_at_once_it_is_on_once(app: Application, alice: User) -> None:
    one = signed_in(app, alice)
    phone = secret_shown(one.page("/two-factor"))
    other = visitor(app)
    cookie = one.get_cookie("session")
    assert cookie is not None
    other.set_cookie("session", cookie.value)
    answers = send_at_once([one, other], "/two-factor", phone.code())
    assert answers == {303: 1, 401: 1}, "the former token ends with the change"
    [kept] = [browser for browser in (one, other) if is_in(browser)]
    assert "10 recovery codes left" in kept.page("/account").text


def test_a_sign_in_that_comes_while_it_is_turned_on_is_asked_for_it(
    app: Application, alice: User
) -> None:
    """Otherwise it would begin, by the password alone, just after all others were ended."""
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
            assert not signing_in.done(), "it waits for what happens to the same person"
        assert signing_in.result().location == "/login/second"
