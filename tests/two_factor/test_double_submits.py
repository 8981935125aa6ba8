"""A9: submitting a form twice at once has the effect of submitting it once."""

from collections.abc import Callable

import pytest

from app.application import Application
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, Clock, signed_in, visitor
from tests.simultaneous_requests import copy, count_rows, send_at_once
from tests.two_factor.phones import (
    give_password,
    secret_shown,
    set_up,
    sign_in,
    wait_for_a_new_code,
)

# The browser, the page with the form, its action, and the typed fields.
Form = tuple[Client, str, str, dict[str, str]]
Prepare = Callable[[Application, User, Clock], Form]


def setting_up(app: Application, user: User, clock: Clock) -> Form:
    client = signed_in(app, user)
    code = secret_shown(client.page("/two-factor")).code()
    return client, "/two-factor", "/two-factor", {"code": code}


def second_step(app: Application, user: User, clock: Clock) -> Form:
    phone, _ = set_up(signed_in(app, user))
    wait_for_a_new_code(clock)
    client = visitor(app)
    give_password(client, user)
    return client, "/login/second", "/login/second", {"code": phone.code(), "trust": "y"}


def second_step_by_recovery_code(app: Application, user: User, clock: Clock) -> Form:
    _, recovery_codes = set_up(signed_in(app, user))
    client = visitor(app)
    give_password(client, user)
    return client, "/login/second", "/login/second", {"code": recovery_codes[0]}


def reauthenticating(app: Application, user: User, clock: Clock) -> Form:
    client = signed_in(app, user)
    phone, _ = set_up(client)
    clock.forward(minutes=15)
    client.submit("/prove", password=PASSWORD)
    return client, "/login/second", "/login/second", {"code": phone.code()}


def new_codes(app: Application, user: User, clock: Clock) -> Form:
    client = signed_in(app, user)
    set_up(client)
    clock.forward(seconds=10)
    return client, "/two-factor", "/two-factor/recovery-codes", {}


def turning_off(app: Application, user: User, clock: Clock) -> Form:
    client = signed_in(app, user)
    set_up(client)
    return client, "/two-factor", "/two-factor/turn-off", {}


def password_on_a_trusted_device(app: Application, user: User, clock: Clock) -> Form:
    phone, _ = set_up(signed_in(app, user))
    wait_for_a_new_code(clock)
    client = visitor(app)
    sign_in(client, user, phone.code(), trust="y")
    client.sign_out()
    return client, "/login", "/login", {"email": user.email, "password": PASSWORD}


@pytest.mark.parametrize(
    "prepare",
    [
        setting_up,
        second_step,
        second_step_by_recovery_code,
        reauthenticating,
        new_codes,
        turning_off,
        password_on_a_trusted_device,
    ],
)
def test_a9_a_double_click_has_the_effect_of_one(
    prepare: Prepare, app: Application, alice: User, bob: User, clock: Clock
) -> None:
    once = effects_of(app, prepare(app, alice, clock), times=1)
    twice = effects_of(app, prepare(app, bob, clock), times=2)
    assert twice == once


def effects_of(app: Application, form: Form, *, times: int) -> dict[str, int]:
    """Send a form `times` times at once; return the change in the rows of each table."""
    client, page, path, typed = form
    filled = client.page(page).fields_for(page) | typed
    browsers = [copy(client) for _ in range(times)]
    for browser in browsers:
        trusted = client.get_cookie("trusted_device")
        if trusted is not None:
            browser.set_cookie("trusted_device", trusted.value)
    before = count_rows(app)
    send_at_once(browsers, path, filled)
    return {table: count - before[table] for table, count in count_rows(app).items()}
