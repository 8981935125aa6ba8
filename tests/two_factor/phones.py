"""An authenticator app, and the steps of a user on the pages of the second factor."""

from base64 import b32decode

from werkzeug.test import TestResponse

from app.application import Application
from app.clock import now
from app.two_factor.totp import STEP_SECONDS, code_at, current_step
from app.users.models import User
from tests.client import Client
from tests.conftest import Clock, signed_in
from tests.page import Page


class Phone:
    """An authenticator app: it has the scanned secret, and computes codes from it."""

    def __init__(self, words: str) -> None:
        self.secret = b32decode(words.replace(" ", ""))

    def code(self, steps_off: int = 0) -> str:
        return code_at(self.secret, current_step() + steps_off)

    @property
    def wrong_code(self) -> str:
        """A code that no step near the current one has."""
        near = {self.code(steps) for steps in range(-3, 4)}
        return next(code for code in map("{:06}".format, range(10)) if code not in near)


def secret_shown(page: Page) -> Phone:
    [words] = [code.text for code in page.all("code") if code.get("class") == "secret"]
    return Phone(words)


def set_up(client: Client) -> tuple[Phone, list[str]]:
    """Set up an authenticator on the page; return the phone and the recovery codes."""
    phone = secret_shown(client.page("/two-factor"))
    response = client.submit("/two-factor", code=phone.code())
    assert response.location == "/two-factor/recovery-codes", response.text
    return phone, codes_shown(client.page(response.location))


def wait_for_a_new_code(clock: Clock) -> None:
    """Move the clock to the start of the next time step, whose code was not used."""
    clock.forward(seconds=STEP_SECONDS - now().timestamp() % STEP_SECONDS)


def codes_shown(page: Page) -> list[str]:
    return [code.text for code in page.all("code")]


def phone_of(app: Application, user: User) -> tuple[Phone, list[str]]:
    """Set up an authenticator in a browser of its own."""
    return set_up(signed_in(app, user))


def give_password(client: Client, user: User, **fields: str) -> TestResponse:
    return client.sign_in(user.email, **fields)


def give_code(client: Client, code: str, **fields: str) -> TestResponse:
    return client.submit("/login/second", code=code, **fields)


def sign_in(client: Client, user: User, code: str, **fields: str) -> TestResponse:
    """Sign in with password and code; `trust` is a checkbox of the second page."""
    trust = {"trust": fields.pop("trust")} if "trust" in fields else {}
    give_password(client, user, **fields)
    return give_code(client, code, **trust)
