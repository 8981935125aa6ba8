"""Signing in with a passkey only."""

from collections.abc import Callable

import pytest

from app.application import Application
from app.mail.models import Message
from app.users.models import User
from tests.client import Client
from tests.conftest import Clock, visitor
from tests.page import Page
from tests.passkeys.authenticator import Authenticator, encode
from tests.passkeys.conftest import (
    copied,
    events,
    options,
    passkeys,
    send,
    store_passkey,
    use,
)

pytestmark = pytest.mark.usefixtures("alices_passkey")


def test_browsers_offer_passkeys_in_the_email_field(client: Client) -> None:
    field = client.page("/login").one("input", name="email")
    assert field.get("autocomplete") == "username webauthn"


def test_alice_signs_in_without_entering_her_email(client: Client, phone: Authenticator) -> None:
    received = options(client, "/login/passkey")
    assert received["allowCredentials"] == []
    assert received["userVerification"] == "required"
    assert use(client, phone).location == "/account"
    assert "alice@example.com" in client.page("/account").text


def test_signing_in_continues_to_the_requested_page(client: Client, phone: Authenticator) -> None:
    assert use(client, phone, next="/devices").location == "/devices"


@pytest.mark.parametrize("wanted", ["//evil.example", "https:evil.example", "/\\evil.example"])
def test_signing_in_does_not_redirect_to_another_site(
    client: Client, phone: Authenticator, wanted: str
) -> None:
    assert use(client, phone, next=wanted).location == "/account"


def test_remember_me_works_with_a_passkey(client: Client, phone: Authenticator) -> None:
    use(client, phone, remember="y")
    assert client.get_cookie("remember_token") is not None


def test_remember_me_is_opt_in(client: Client, phone: Authenticator) -> None:
    use(client, phone, remember="")
    assert client.is_signed_in
    assert client.get_cookie("remember_token") is None


def test_a_saved_form_is_restored_after_the_sign_in(client: Client, phone: Authenticator) -> None:
    fields = {"csrf_token": client.csrf_token("/login"), "display_name": "Queen of Hearts"}
    page = Page(client.post("/account", data=fields).text)
    form = page.one("form", action="/login/passkey")
    kept = {field.get("name"): field.get("value") for field in page.within(form, "input")}
    response = use(client, phone, saved_form=kept["saved_form"])
    assert response.status_code == 200
    assert "Queen of Hearts" in response.text


def test_signing_in_is_recorded_and_a_new_device_sends_an_email(
    app: Application,
    client: Client,
    alice: User,
    phone: Authenticator,
    outbox: Callable[[], list[Message]],
) -> None:
    use(visitor(app), phone)
    use(client, phone)
    assert events(app, alice)[-2:] == ["login.succeeded", "device.added"]
    assert [mail.subject for mail in outbox()] == ["Signed in on a new device"]


def test_the_page_says_when_it_was_last_used(
    client: Client, as_alice: Client, phone: Authenticator
) -> None:
    use(client, phone)
    assert "never used" not in as_alice.page("/passkeys").text


def test_signing_in_with_a_passkey_counts_as_reauthentication(
    client: Client, phone: Authenticator
) -> None:
    use(client, phone)
    assert client.get("/account/delete").status_code == 200


# --- Refused responses ---------------------------------------------------------------------------


def refused(client: Client, credential: str) -> bool:
    """Return whether a response was refused with a message, and did not sign in."""
    response = send(client, credential)
    says_so = "does not belong to an account here" in response.text
    return response.status_code == 422 and says_so and not client.is_signed_in


def test_a_response_works_once(app: Application, client: Client, phone: Authenticator) -> None:
    credential = phone.use(options(client, "/login/passkey"))
    copy = copied(app, client)
    assert send(client, credential).status_code == 303
    assert refused(copy, credential)


def test_a_response_from_another_browser_is_refused(
    app: Application, client: Client, phone: Authenticator
) -> None:
    credential = phone.use(options(client, "/login/passkey"))
    elsewhere = visitor(app)
    options(elsewhere, "/login/passkey")
    assert refused(elsewhere, credential)


def test_two_tabs_have_independent_challenges(client: Client, phone: Authenticator) -> None:
    first = options(client, "/login/passkey")
    options(client, "/login/passkey")
    assert send(client, phone.use(first)).status_code == 303


def test_a_challenge_lasts_five_minutes(
    client: Client, phone: Authenticator, clock: Clock
) -> None:
    credential = phone.use(options(client, "/login/passkey"))
    clock.forward(minutes=4)
    options(client, "/login/passkey")  # as another tab would, in the same browser
    clock.forward(minutes=1)
    assert refused(client, credential)


def test_a_forged_challenge_is_refused(client: Client, phone: Authenticator) -> None:
    received = options(client, "/login/passkey")
    assert refused(client, phone.use({**received, "challenge": encode(b"of my own making")}))


def test_a_challenge_for_another_purpose_is_refused(
    client: Client, as_alice: Client, phone: Authenticator
) -> None:
    received = options(as_alice, "/prove/passkey")
    credential = phone.use(received)
    as_alice.sign_out()
    assert refused(as_alice, credential)


@pytest.mark.parametrize(
    "origin",
    [
        "https://localhost:5000",
        "http://localhost:5001",
        "http://localhost",
        "http://evil.localhost:5000",
        "http://localhost:5000.evil.example",
        "null",
    ],
)
def test_a_response_for_another_origin_is_refused(
    client: Client, phone: Authenticator, origin: str
) -> None:
    phone.origin = origin
    assert refused(client, phone.use(options(client, "/login/passkey")))


@pytest.mark.parametrize(
    "frame",
    [
        {"crossOrigin": True},
        {"crossOrigin": True, "topOrigin": "https://evil.example"},
        {"topOrigin": "https://evil.example"},
        {"crossOrigin": "true"},
    ],
)
def test_a_response_made_in_a_frame_on_another_site_is_refused(
    client: Client, phone: Authenticator, frame: dict[str, object]
) -> None:
    phone.frame = frame
    assert refused(client, phone.use(options(client, "/login/passkey")))


def test_a_browser_that_does_not_report_frames_is_accepted(
    client: Client, phone: Authenticator
) -> None:
    phone.frame = {}
    assert use(client, phone).status_code == 303


def test_a_response_without_a_user_handle_is_refused_at_sign_in(
    client: Client, phone: Authenticator
) -> None:
    phone.names_owner = False
    assert refused(client, phone.use(options(client, "/login/passkey")))


def test_a_response_for_another_relying_party_is_refused(
    client: Client, phone: Authenticator
) -> None:
    phone.rp_id = phone.keys[0].rp_id = "evil.example"
    assert refused(client, phone.use(options(client, "/login/passkey")))


def test_a_response_without_user_verification_is_refused(
    client: Client, phone: Authenticator
) -> None:
    phone.verifies = False
    assert refused(client, phone.use(options(client, "/login/passkey")))


def test_a_signature_by_another_key_is_refused(client: Client, phone: Authenticator) -> None:
    phone.keys[0].private = Authenticator().new_key("localhost").private
    assert refused(client, phone.use(options(client, "/login/passkey")))


def test_an_unknown_passkey_is_refused(client: Client) -> None:
    stranger = Authenticator()
    stranger.keys.append(stranger.new_key("localhost"))
    assert refused(client, stranger.use(options(client, "/login/passkey")))


def test_a_response_with_bobs_user_handle_is_refused(
    app: Application, client: Client, bob: User, phone: Authenticator
) -> None:
    store_passkey(app, bob, Authenticator())
    phone.keys[0].user_handle = passkeys(app)[-1].user_handle
    assert refused(client, phone.use(options(client, "/login/passkey")))


def test_a_change_of_backup_eligibility_is_refused(client: Client, phone: Authenticator) -> None:
    phone.may_be_copied = False
    assert refused(client, phone.use(options(client, "/login/passkey")))


@pytest.mark.parametrize(
    "credential", ["", "x", "{}", "[]", '{"id": 1}', "null", '{"id": "\\ud800"}']
)
def test_a_malformed_response_is_refused(client: Client, credential: str) -> None:
    assert refused(client, credential)


def test_a_disabled_account_is_refused(
    app: Application, client: Client, phone: Authenticator
) -> None:
    run = app.test_cli_runner().invoke(args=["users", "disable", "alice@example.com"])
    assert run.exit_code == 0
    assert refused(client, phone.use(options(client, "/login/passkey")))


def test_a_refused_passkey_is_recorded_for_its_owner(
    app: Application, client: Client, alice: User, phone: Authenticator
) -> None:
    phone.verifies = False
    use(client, phone)
    assert events(app, alice)[-1] == "login.failed"


# --- The signature counter -----------------------------------------------------------------------


@pytest.fixture
def counting(app: Application, alice: User, security_key: Authenticator) -> Authenticator:
    store_passkey(app, alice, security_key, "Key ring")
    return security_key


def test_an_increased_signature_counter_is_stored(
    app: Application, client: Client, counting: Authenticator
) -> None:
    use(client, counting)
    assert passkeys(app)[-1].sign_count == 1


@pytest.mark.parametrize("by", [1, 2])
def test_a_signature_counter_that_does_not_increase_is_refused_and_sends_an_email(
    app: Application,
    client: Client,
    alice: User,
    counting: Authenticator,
    outbox: Callable[[], list[Message]],
    by: int,
) -> None:
    for _ in range(2):
        use(visitor(app), counting)
    counting.keys[0].count -= by
    assert refused(client, counting.use(options(client, "/login/passkey")))
    assert passkeys(app)[-1].sign_count == 2
    assert "passkey.copied" in events(app, alice)
    assert outbox()[-1].subject == "Copied passkey rejected"


def test_the_backup_state_is_updated(
    app: Application, client: Client, phone: Authenticator
) -> None:
    assert not passkeys(app)[0].backed_up
    phone.is_copied = True
    use(client, phone)
    assert passkeys(app)[0].backed_up


# --- The page ------------------------------------------------------------------------------------


def test_the_url_of_the_options_redirects_browsers_to_the_page(client: Client) -> None:
    assert client.get("/login/passkey").location == "/login"


def test_browsers_may_offer_passkeys_in_the_email_field(client: Client) -> None:
    field = client.page("/login").one("input", id="email")
    assert field.get("autocomplete") == "username webauthn"


def test_the_page_says_what_to_do_without_javascript(client: Client) -> None:
    hidden = client.page("/login").one("div", **{"class": "without-script"})
    assert "Passkeys need JavaScript" in hidden.text
