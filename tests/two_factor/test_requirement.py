"""REQUIRE_SECOND_FACTOR: whoever has none sets one up before anything else opens."""

from collections.abc import Callable

import pytest

from app.application import Application
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, Clock, signed_in, visitor
from tests.two_factor.phones import give_password, is_in, set_up

MakeApp = Callable[..., Application]


@pytest.fixture
def strict(make_app: MakeApp) -> Application:
    return make_app(REQUIRE_SECOND_FACTOR=True)


def test_it_is_asked_of_nobody_by_default(as_alice: Client) -> None:
    assert is_in(as_alice)


@pytest.mark.parametrize("path", ["/account", "/devices", "/account/export", "/activity"])
def test_nothing_else_opens_before_one_is_set_up(
    strict: Application, alice: User, path: str
) -> None:
    client = visitor(strict)
    give_password(client, alice)
    assert client.get(path).location == "/two-factor"
    assert "requires two-factor authentication" in client.page("/two-factor").text


def test_nothing_can_be_changed_either(strict: Application, alice: User) -> None:
    client = signed_in(strict, alice)
    sent = {"csrf_token": client.csrf_token("/two-factor"), "display_name": "Ally"}
    assert client.post("/account", data=sent).location == "/two-factor"


def test_after_setting_one_up_everything_opens(strict: Application, alice: User) -> None:
    client = signed_in(strict, alice)
    set_up(client)
    assert is_in(client)


def test_whoever_turns_it_off_sets_up_another(strict: Application, alice: User) -> None:
    client = signed_in(strict, alice)
    set_up(client)
    client.post("/two-factor/turn-off", data={"csrf_token": client.csrf_token("/account")})
    assert client.get("/account").location == "/two-factor"


def test_one_can_prove_it_and_leave_without_one(
    strict: Application, alice: User, clock: Clock
) -> None:
    client = signed_in(strict, alice)
    clock.forward(minutes=15)
    assert client.get("/two-factor").location == "/prove?next=/two-factor"
    assert client.submit("/prove?next=/two-factor", password=PASSWORD).location == "/two-factor"
    left = client.post("/logout", data={"csrf_token": client.csrf_token("/two-factor")})
    assert left.location == "/login"


def test_public_pages_stay_open(strict: Application, alice: User) -> None:
    assert signed_in(strict, alice).get("/").status_code == 200
    assert visitor(strict).get("/login").status_code == 200


def test_a_program_is_told_403(strict: Application, alice: User) -> None:
    asked = signed_in(strict, alice).get("/account", headers={"Accept": "application/json"})
    assert asked.status_code == 403
