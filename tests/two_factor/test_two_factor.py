"""Setting up and removing an authenticator app."""

from collections.abc import Callable
from urllib.parse import quote

from app.application import Application
from app.database import db
from app.two_factor.models import Authenticator, RecoveryCode
from app.users.models import User
from config import Config
from tests.client import Client
from tests.conftest import PASSWORD, Clock, signed_in
from tests.page import Page
from tests.two_factor.phones import (
    Phone,
    give_password,
    phone_of,
    secret_shown,
    set_up,
)

Subjects = Callable[[], list[str]]


def turn_off(client: Client) -> None:
    client.post("/two-factor/turn-off", data={"csrf_token": client.csrf_token("/account")})


def test_alice_sets_up_an_authenticator(as_alice: Client) -> None:
    page = as_alice.page("/two-factor")
    assert page.one("svg", **{"class": "qr"}).is_within("main")
    _, codes = set_up(as_alice)
    assert len(codes) == 10
    assert "Set up on" in as_alice.page("/two-factor").text
    assert "On. You have 10 recovery codes left." in as_alice.page("/account").text


def test_qr_code_link_and_setup_key_contain_the_same_secret(as_alice: Client) -> None:
    page = as_alice.page("/two-factor")
    [uri] = [link.get("href") for link in page.all("a") if link.get("href").startswith("otpauth")]
    [words] = [code.text for code in page.all("code") if code.get("class") == "secret"]
    assert f"secret={words.replace(' ', '')}&" in uri
    assert uri.startswith(f"otpauth://totp/{quote(Config.APP_NAME)}:alice@example.com?")
    assert len(words.replace(" ", "")) == 32, "160 bits in base32"


def test_a_wrong_code_turns_nothing_on_and_keeps_the_offered_secret(as_alice: Client) -> None:
    phone = secret_shown(as_alice.page("/two-factor"))
    response = as_alice.submit("/two-factor", code=phone.wrong_code)
    assert response.status_code == 422
    assert "This code is incorrect" in response.text
    assert secret_shown(as_alice.page("/two-factor")).secret == phone.secret
    assert "Off. Turn it on" in as_alice.page("/account").text


def test_an_expired_setup_says_so_and_offers_a_new_secret(as_alice: Client, clock: Clock) -> None:
    page = as_alice.page("/two-factor")
    clock.forward(minutes=30)
    as_alice.submit("/prove", password=PASSWORD)
    fields = page.fields_for("/two-factor") | {"code": secret_shown(page).code()}
    refused = as_alice.post("/two-factor", data=fields)
    assert refused.status_code == 422
    assert "This setup has expired." in refused.text
    offered = secret_shown(Page(refused.text))
    assert offered.secret != secret_shown(page).secret
    assert as_alice.submit("/two-factor", code=offered.code()).status_code == 303


def test_the_code_used_for_setup_cannot_sign_in(
    app: Application, client: Client, alice: User
) -> None:
    as_alice = signed_in(app, alice)
    phone = secret_shown(as_alice.page("/two-factor"))
    code = phone.code()
    as_alice.submit("/two-factor", code=code)
    give_password(client, alice)
    assert client.submit("/login/second", code=code).status_code == 422


def test_setup_and_removal_require_reauthentication(as_alice: Client, clock: Clock) -> None:
    clock.forward(minutes=15)
    assert as_alice.get("/two-factor").location == "/prove?next=/two-factor"
    sent = {"csrf_token": as_alice.csrf_token("/account")}
    assert as_alice.post("/two-factor/turn-off", data=sent).status_code == 401


def test_setup_ends_all_other_logins(app: Application, alice: User) -> None:
    here, there = signed_in(app, alice), signed_in(app, alice, remembered=True)
    assert there.is_signed_in
    set_up(here)
    assert here.is_signed_in
    assert not there.is_signed_in


def test_setup_and_removal_are_recorded_and_send_emails(
    as_alice: Client, subjects: Subjects
) -> None:
    set_up(as_alice)
    turn_off(as_alice)
    assert subjects() == ["Two-factor method added", "Two-factor method removed"]
    # part: activity
    activity = as_alice.page("/activity").text
    assert "Two-factor method added" in activity
    assert "Two-factor method removed" in activity
    # end part: activity


def test_after_removal_the_password_is_enough_and_recovery_codes_are_deleted(
    app: Application, client: Client, alice: User
) -> None:
    as_alice = signed_in(app, alice)
    set_up(as_alice)
    turn_off(as_alice)
    assert give_password(client, alice).location == "/account"
    with app.app_context():
        assert not db.session.scalars(db.select(RecoveryCode)).all()


def test_a_second_setup_does_not_replace_the_first(
    app: Application, alice: User, client: Client
) -> None:
    one, other = signed_in(app, alice), signed_in(app, alice)
    fields = other.page("/two-factor").fields_for("/two-factor")
    late = secret_shown(other.page("/two-factor"))
    set_up(one)
    assert other.post("/two-factor", data=fields | {"code": late.code()}).status_code == 401


def test_the_secret_is_unreadable_in_the_database(app: Application, phone: Phone) -> None:
    with app.app_context():
        [row] = db.session.scalars(db.select(Authenticator))
    assert phone.secret not in row.secret


def test_the_secret_on_offer_is_unreadable_in_the_cookie(as_alice: Client) -> None:
    words = secret_shown(as_alice.page("/two-factor"))
    with as_alice.session_transaction() as cookie:
        kept = str(dict(cookie))
    assert words.secret.hex() not in kept
    assert "offered_authenticator" in kept


def test_a_secret_offered_to_alice_is_void_for_bob(
    app: Application, as_alice: Client, bob: User
) -> None:
    alices = secret_shown(as_alice.page("/two-factor"))
    as_bob = signed_in(app, bob)
    with as_alice.session_transaction() as cookie:
        offer = cookie["offered_authenticator"]
    with as_bob.session_transaction() as cookie:
        cookie["offered_authenticator"] = offer
    assert secret_shown(as_bob.page("/two-factor")).secret != alices.secret


def test_reauthentication_requires_both_factors(
    app: Application, alice: User, phone: Phone, clock: Clock
) -> None:
    client = signed_in(app, alice)
    clock.forward(minutes=15)
    redirect = client.submit("/prove?next=/account/email", password=PASSWORD)
    assert redirect.location == "/login/second"
    assert client.get("/account/email").status_code == 303, "one factor is not enough"
    assert "Trust this device" not in client.page("/login/second").text
    assert client.submit("/login/second", code=phone.code()).location == "/account/email"
    assert client.get("/account/email").status_code == 200


def test_changing_the_password_requires_both_factors(
    app: Application, alice: User, phone: Phone, clock: Clock
) -> None:
    client = signed_in(app, alice)
    fields = client.page("/account/password").fields_for("/account/password")
    fields |= {"current_password": PASSWORD, "password": "otters juggle seven pebbles"}
    clock.forward(minutes=15)
    assert client.get("/account/password").location == "/prove?next=/account/password"
    assert client.post("/account/password", data=fields).status_code == 401


def test_reauthentication_in_one_login_does_not_count_in_another(
    app: Application, alice: User, phone: Phone, clock: Clock
) -> None:
    client, other = signed_in(app, alice), signed_in(app, alice)
    clock.forward(minutes=15)
    client.submit("/prove", password=PASSWORD)
    with client.session_transaction() as cookie:
        pending = cookie["second_step"]
    with other.session_transaction() as cookie:
        cookie["second_step"] = pending
    assert other.get("/login/second").location == "/login"


def test_setup_in_code_has_the_effect_of_the_page(
    app: Application, bob: User, client: Client
) -> None:
    phone_of(app, bob)
    assert give_password(client, bob).location == "/login/second"
