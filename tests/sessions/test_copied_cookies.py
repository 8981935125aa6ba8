"""Copied cookies are void after the login has ended, over real HTTP."""

from collections.abc import Iterator

import pytest

from app.application import Application
from app.users.models import User
from tests.conftest import PASSWORD, Clock
from tests.page import Page
from tests.server import Browser, serving


@pytest.fixture
def port(app: Application) -> Iterator[int]:
    with serving(app) as port:
        yield port


@pytest.fixture(params=["", "y"], ids=["not remembered", "remembered"])
def alices(port: int, alice: User, request: pytest.FixtureRequest) -> Browser:
    """Alice's browser, signed in with the form, once remembered and once not."""
    browser = Browser(port)
    remember = {"remember": request.param} if request.param else {}
    response = browser.submit("/login", email=alice.email, password=PASSWORD, **remember)
    assert response.status == 303
    return browser


def test_s2_a_copied_cookie_is_anonymous_after_signing_out(alices: Browser) -> None:
    copied = alices.copy()
    assert copied.get("/account").status == 200
    alices.submit("/account", form="/logout")
    assert is_anonymous(copied)


def test_s6_a_copied_cookie_is_anonymous_after_a_change_of_password(
    alices: Browser, app: Application
) -> None:
    copied = alices.copy()
    arguments = ["users", "set-password", "alice@example.com", "--password", PASSWORD[::-1]]
    assert app.test_cli_runner().invoke(args=arguments).exit_code == 0
    assert is_anonymous(copied)


def test_s6_a_copied_cookie_is_anonymous_after_ending_the_device(alices: Browser) -> None:
    copied = alices.copy()
    page = Page(alices.get("/devices").text)
    [end] = [form.get("action") for form in page.all("form") if "/end" in form.get("action")]
    assert alices.submit("/devices", form=end).status == 303
    assert is_anonymous(copied)


def test_s3_a_copied_cookie_is_anonymous_after_the_idle_limit(
    alices: Browser, clock: Clock
) -> None:
    copied = alices.copy()
    clock.forward(days=14) if "remember_token" in alices.cookies else clock.forward(hours=1)
    assert is_anonymous(copied)


def test_s3_a_copied_cookie_is_anonymous_after_the_absolute_limit(
    alices: Browser, clock: Clock
) -> None:
    copied = alices.copy()
    days, step = (30, 5) if "remember_token" in alices.cookies else (1, 1 / 48)
    for _ in range(round(days / step)):
        assert alices.get("/account").status == 200
        clock.forward(days=step)
    assert is_anonymous(copied)


def is_anonymous(browser: Browser) -> bool:
    """Return whether the cookies sign no user in, together and each by itself."""
    each = [Browser(browser.port, {name: value}) for name, value in browser.cookies.items()]
    responses = [b.get("/account") for b in (browser, *each)]
    pages = [b.get("/").text for b in (browser.copy(), *each)]
    signed_out = {(response.status, response.headers["Location"]) for response in responses}
    return signed_out == {(303, "/login?next=/account")} and not any("/logout" in p for p in pages)
