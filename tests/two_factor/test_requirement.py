"""REQUIRE_SECOND_FACTOR: users set up a second factor before any other page opens."""

from collections.abc import Callable

import pytest

from app.application import Application
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, Clock, signed_in, visitor
from tests.two_factor.phones import give_password, set_up

MakeApp = Callable[..., Application]


@pytest.fixture
def strict(make_app: MakeApp) -> Application:
    return make_app(REQUIRE_SECOND_FACTOR=True)


def test_a_second_factor_is_optional_by_default(as_alice: Client) -> None:
    assert as_alice.is_signed_in


@pytest.mark.parametrize("path", ["/account", "/account/password", "/devices"])
def test_no_other_page_opens_before_setup(strict: Application, alice: User, path: str) -> None:
    client = visitor(strict)
    give_password(client, alice)
    assert client.get(path).location == "/two-factor"
    assert "requires two-factor authentication" in client.page("/two-factor").text


def test_no_form_is_accepted_before_setup(strict: Application, alice: User) -> None:
    client = signed_in(strict, alice)
    sent = {"csrf_token": client.csrf_token("/two-factor"), "display_name": "Ally"}
    assert client.post("/account", data=sent).location == "/two-factor"


def test_all_pages_open_after_setup(strict: Application, alice: User) -> None:
    client = signed_in(strict, alice)
    set_up(client)
    assert client.is_signed_in


def test_after_removal_another_factor_is_required(strict: Application, alice: User) -> None:
    client = signed_in(strict, alice)
    set_up(client)
    client.post("/two-factor/turn-off", data={"csrf_token": client.csrf_token("/account")})
    assert client.get("/account").location == "/two-factor"


def test_a_user_without_a_factor_can_reauthenticate_and_sign_out(
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


def test_a_json_client_gets_403(strict: Application, alice: User) -> None:
    response = signed_in(strict, alice).get("/account", headers={"Accept": "application/json"})
    assert response.status_code == 403
