"""Reauthentication with a passkey (S5)."""

import pytest

from app.application import Application
from app.users.models import User
from tests.client import Client
from tests.conftest import Clock
from tests.passkeys.authenticator import Authenticator
from tests.passkeys.conftest import AS_JSON, events, options, send, store_passkey, use

pytestmark = pytest.mark.usefixtures("alices_passkey")
PROVE = "/prove/passkey"


@pytest.fixture
def stale(as_alice: Client, alices_passkey: None, clock: Clock) -> Client:
    """Alice's browser, a quarter of an hour after she signed in."""
    clock.forward(minutes=15)
    return as_alice


def is_reauthenticated(client: Client) -> bool:
    return client.get("/account/delete").status_code == 200


def test_s5_alice_reauthenticates_with_her_passkey(stale: Client, phone: Authenticator) -> None:
    assert not is_reauthenticated(stale)
    assert use(stale, phone, PROVE, next="/account/delete").location == "/account/delete"
    assert is_reauthenticated(stale)


def test_s5_only_her_passkeys_are_accepted(stale: Client, phone: Authenticator) -> None:
    received = options(stale, PROVE)
    assert len(received["allowCredentials"]) == 1


def test_s5_reauthentication_rotates_the_token(stale: Client, phone: Authenticator) -> None:
    with stale.session_transaction() as cookie:
        before = cookie["_user_id"]
    use(stale, phone, PROVE)
    with stale.session_transaction() as cookie:
        assert cookie["_user_id"] != before


def test_s5_bobs_passkey_does_not_reauthenticate_alice(
    app: Application, stale: Client, bob: User
) -> None:
    bobs = Authenticator()
    store_passkey(app, bob, bobs)
    received = {**options(stale, PROVE), "allowCredentials": []}
    assert send(stale, bobs.use(received), PROVE).status_code == 422
    assert not is_reauthenticated(stale)


def test_s5_bobs_challenge_does_not_reauthenticate_alice(
    stale: Client, as_bob: Client, phone: Authenticator
) -> None:
    received = {**options(as_bob, PROVE), "allowCredentials": []}
    assert send(stale, phone.use(received), PROVE).status_code == 422
    assert not is_reauthenticated(stale)


def test_s5_a_response_reauthenticates_once(
    stale: Client, phone: Authenticator, clock: Clock
) -> None:
    credential = phone.use(options(stale, PROVE))
    assert send(stale, credential, PROVE).status_code == 303
    assert send(stale, credential, PROVE).status_code == 422


def test_s5_a_refused_passkey_is_recorded(
    app: Application, alice: User, stale: Client, phone: Authenticator
) -> None:
    phone.verifies = False
    use(stale, phone, PROVE)
    assert events(app, alice)[-1] == "login.failed"


def test_s5_a_user_without_a_passkey_is_not_offered_one(as_alice: Client, as_bob: Client) -> None:
    assert "Use a passkey" in as_alice.page("/prove").text
    assert "Use a passkey" not in as_bob.page("/prove").text


def test_s5_a_visitor_gets_no_options(client: Client) -> None:
    assert client.get(PROVE, headers=AS_JSON).status_code == 401


def test_the_url_of_the_options_redirects_browsers_to_the_page(as_alice: Client) -> None:
    assert as_alice.get(PROVE).location == "/prove"
