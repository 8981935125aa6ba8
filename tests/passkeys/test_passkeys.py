"""Adding, listing and removing passkeys."""

from collections.abc import Callable
from typing import Any

import pytest

from app.application import Application
from app.export.archive import export_of  # part: export
from app.mail.models import Message
from app.users.models import User
from tests.client import Client
from tests.conftest import Clock, signed_in, visitor
from tests.passkeys.authenticator import Authenticator
from tests.passkeys.conftest import add, events, options, passkeys, store_passkey


def test_alice_adds_a_passkey_and_finds_it_on_the_page(
    as_alice: Client, phone: Authenticator
) -> None:
    assert "You have no passkeys yet" in as_alice.page("/passkeys").text
    assert add(as_alice, phone, "My phone").status_code == 303
    text = as_alice.page("/passkeys").text
    assert "My phone" in text
    assert "never used" in text


def test_only_the_first_passkey_creates_recovery_codes(
    as_alice: Client, phone: Authenticator
) -> None:
    response = add(as_alice, phone)
    assert response.location == "/two-factor/recovery-codes"
    page = as_alice.page("/two-factor/recovery-codes")
    assert len(page.within(page.one("ol"), "code")) == 10
    assert add(as_alice, Authenticator()).location == "/passkeys"


def test_the_stored_public_key_cannot_sign_in(
    app: Application, as_alice: Client, phone: Authenticator
) -> None:
    add(as_alice, phone)
    [kept], [key] = passkeys(app), phone.keys
    assert (kept.credential_id, kept.public_key) == (key.id, key.public())
    assert kept.user_handle == key.user_handle
    assert (len(kept.user_handle), kept.transports) == (32, "hybrid internal")


def test_a_user_has_one_random_user_handle(
    app: Application, as_alice: Client, as_bob: Client, phone: Authenticator
) -> None:
    add(as_alice, phone)
    add(as_alice, Authenticator())
    add(as_bob, Authenticator())
    first, second, bobs = (kept.user_handle for kept in passkeys(app))
    assert first == second != bobs


def test_a_device_does_not_create_a_second_passkey_for_the_account(
    as_alice: Client, phone: Authenticator
) -> None:
    add(as_alice, phone)
    [known] = options(as_alice, "/passkeys/new")["excludeCredentials"]
    assert known["transports"] == ["hybrid", "internal"]


def test_every_other_device_is_signed_out(
    app: Application, alice: User, as_alice: Client, phone: Authenticator
) -> None:
    elsewhere = signed_in(app, alice)
    add(as_alice, phone)
    assert as_alice.is_signed_in
    assert not elsewhere.is_signed_in


def test_the_change_sends_an_email_and_is_recorded(
    app: Application,
    as_alice: Client,
    alice: User,
    phone: Authenticator,
    outbox: Callable[[], list[Message]],
) -> None:
    add(as_alice, phone)
    assert events(app, alice) == ["second_factor.added"]
    [mail] = outbox()
    assert (mail.recipient, mail.subject) == ("alice@example.com", "Two-factor method added")


# part: export
def test_the_data_export_contains_passkeys_without_keys(
    app: Application, as_alice: Client, alice: User, phone: Authenticator
) -> None:
    add(as_alice, phone, "My phone")
    with app.app_context():
        [kept] = export_of(alice)["passkeys"]
    assert kept["name"] == "My phone"
    assert not {"public_key", "credential_id", "user_handle"} & kept.keys()


# end part: export
def test_passkeys_are_deleted_with_the_account(
    app: Application, alice: User, as_alice: Client, phone: Authenticator, clock: Clock
) -> None:
    store_passkey(app, alice, phone)
    as_alice.submit("/account/delete")
    clock.forward(days=14, seconds=1)
    app.test_cli_runner().invoke(args=["prune"])
    assert passkeys(app) == []


def test_used_challenges_are_pruned(
    app: Application, as_alice: Client, phone: Authenticator, clock: Clock
) -> None:
    add(as_alice, phone)
    prune = ["prune"]
    assert "used passkey challenges: 0" in app.test_cli_runner().invoke(args=prune).output
    clock.forward(minutes=5)
    assert "used passkey challenges: 1" in app.test_cli_runner().invoke(args=prune).output


# --- Refused registrations -----------------------------------------------------------------------


def refused(client: Client, made: str) -> bool:
    response = client.submit("/passkeys", name="Phone", credential=made)
    return response.status_code == 422 and "Try again" in response.text


def test_a_registration_response_works_once(
    app: Application, as_alice: Client, alice: User, phone: Authenticator
) -> None:
    made = phone.make(options(as_alice, "/passkeys/new"))
    as_alice.submit("/passkeys", name="Phone", credential=made)
    assert refused(as_alice, made)
    assert len(passkeys(app)) == 1


def test_bob_cannot_use_the_challenge_of_alices_browser(
    app: Application, as_alice: Client, as_bob: Client, phone: Authenticator
) -> None:
    options(as_bob, "/passkeys/new")
    assert refused(as_bob, phone.make(options(as_alice, "/passkeys/new")))
    assert passkeys(app) == []


def test_bob_cannot_take_the_id_of_alices_passkey(
    app: Application, alice: User, as_bob: Client, phone: Authenticator
) -> None:
    store_passkey(app, alice, phone)
    copying = Authenticator(next_id=phone.keys[0].id)
    assert refused(as_bob, copying.make(options(as_bob, "/passkeys/new")))
    assert len(passkeys(app)) == 1


def test_a_challenge_for_signing_in_adds_nothing(as_alice: Client, phone: Authenticator) -> None:
    received = options(as_alice, "/passkeys/new")
    other = options(as_alice, "/prove/passkey")["challenge"]
    assert refused(as_alice, phone.make({**received, "challenge": other}))


def test_a_registration_challenge_expires_after_five_minutes(
    as_alice: Client, phone: Authenticator, clock: Clock
) -> None:
    made = phone.make(options(as_alice, "/passkeys/new"))
    clock.forward(minutes=5)
    assert refused(as_alice, made)


@pytest.mark.parametrize(
    "altered",
    [
        {"origin": "https://evil.example"},
        {"rp_id": "evil.example"},
        {"verifies": False},
        {"frame": {"crossOrigin": True}},
        {"frame": {"crossOrigin": True, "topOrigin": "https://evil.example"}},
        {"frame": {"topOrigin": "https://evil.example"}},
        {"frame": {"crossOrigin": "true"}},
    ],
)
def test_other_origins_frames_and_unverified_users_add_no_passkey(
    app: Application, as_alice: Client, altered: dict[str, Any]
) -> None:
    assert refused(as_alice, Authenticator(**altered).make(options(as_alice, "/passkeys/new")))
    assert passkeys(app) == []


@pytest.mark.parametrize("made", ["x", "{}", "[]", "null", '{"id": "a", "rawId": "a"}'])
def test_a_malformed_response_is_refused(as_alice: Client, made: str) -> None:
    assert refused(as_alice, made)


def test_without_javascript_the_page_says_why_no_passkey_was_added(as_alice: Client) -> None:
    response = as_alice.submit("/passkeys", name="Phone", credential="")
    assert response.status_code == 422
    assert "Passkeys need JavaScript" in response.text


def test_a_user_can_have_twenty_passkeys(app: Application, alice: User, as_alice: Client) -> None:
    for number in range(19):
        store_passkey(app, alice, Authenticator(), f"Key {number}")
    assert add(as_alice, Authenticator()).status_code == 303
    assert add(as_alice, Authenticator()).status_code == 422
    assert len(passkeys(app)) == 20


def test_at_an_ip_address_the_page_says_that_passkeys_need_a_host_name(
    make_app: Callable[..., Application], alice: User
) -> None:
    app = make_app(BASE_URL="http://127.0.0.1:5000")
    as_alice = signed_in(app, alice)
    assert "is an IP address" in as_alice.page("/passkeys").text
    assert "Sign in with a passkey" not in visitor(app).page("/login").text
    response = as_alice.get("/passkeys/new", headers={"Accept": "application/json"})
    assert response.status_code == 404
