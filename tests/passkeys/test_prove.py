"""Reauthentication with a passkey (S5)."""

import pytest

from app.application import Application
from app.users.models import User
from tests.client import Client
from tests.conftest import Clock
from tests.passkeys.authenticator import Authenticator
from tests.passkeys.conftest import AS_JSON, events, give, options, send, use

pytestmark = pytest.mark.usefixtures("alice_has_one")
PROVE = "/prove/passkey"


@pytest.fixture
def unproved(as_alice: Client, alice_has_one: None, clock: Clock) -> Client:
    """Alice's browser, a quarter of an hour after she signed in."""
    clock.forward(minutes=15)
    return as_alice


def is_proved(client: Client) -> bool:
    return client.get("/account/delete").status_code == 200


def test_s5_alice_reauthenticates_with_her_passkey(unproved: Client, phone: Authenticator) -> None:
    assert not is_proved(unproved)
    assert use(unproved, phone, PROVE, next="/account/delete").location == "/account/delete"
    assert is_proved(unproved)


def test_s5_only_passkeys_of_hers_are_asked_for(unproved: Client, phone: Authenticator) -> None:
    asked = options(unproved, PROVE)
    assert len(asked["allowCredentials"]) == 1


def test_s5_her_login_goes_on_under_a_new_token(unproved: Client, phone: Authenticator) -> None:
    with unproved.session_transaction() as cookie:
        before = cookie["_user_id"]
    use(unproved, phone, PROVE)
    with unproved.session_transaction() as cookie:
        assert cookie["_user_id"] != before


def test_s5_bobs_passkey_does_not_reauthenticate_alice(
    app: Application, unproved: Client, bob: User
) -> None:
    bobs = Authenticator()
    give(app, bob, bobs)
    asked = {**options(unproved, PROVE), "allowCredentials": []}
    assert send(unproved, bobs.use(asked), PROVE).status_code == 422
    assert not is_proved(unproved)


def test_s5_bobs_challenge_does_not_reauthenticate_alice(
    unproved: Client, as_bob: Client, phone: Authenticator
) -> None:
    asked = {**options(as_bob, PROVE), "allowCredentials": []}
    assert send(unproved, phone.use(asked), PROVE).status_code == 422
    assert not is_proved(unproved)


def test_s5_a_response_reauthenticates_once(
    unproved: Client, phone: Authenticator, clock: Clock
) -> None:
    answer = phone.use(options(unproved, PROVE))
    assert send(unproved, answer, PROVE).status_code == 303
    assert send(unproved, answer, PROVE).status_code == 422


def test_s5_a_refused_passkey_is_recorded(
    app: Application, alice: User, unproved: Client, phone: Authenticator
) -> None:
    phone.verifies = False
    use(unproved, phone, PROVE)
    assert events(app, alice)[-1] == "login.failed"


def test_s5_a_user_without_a_passkey_is_not_offered_one(as_alice: Client, as_bob: Client) -> None:
    assert "Use a passkey" in as_alice.page("/prove").text
    assert "Use a passkey" not in as_bob.page("/prove").text


def test_s5_a_visitor_gets_no_options(client: Client) -> None:
    assert client.get(PROVE, headers=AS_JSON).status_code == 401


def test_the_address_of_the_button_leads_people_to_the_page(as_alice: Client) -> None:
    assert as_alice.get(PROVE).location == "/prove"
