"""No other path signs in without the second step."""

from collections.abc import Callable
from datetime import timedelta  # part: export

import pytest

from app.application import Application
from app.export.archive import export_of  # part: export
from app.mail.models import Message
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, Clock, signed_in, visitor
from tests.emailed_links import PASSPHRASE
from tests.page import Page
from tests.two_factor.phones import (
    Phone,
    give_code,
    give_password,
    set_up,
    sign_in,
)
from tests.view_site import run

Link = Callable[[str], str]
Mailed = Callable[[str], list[Message]]


def test_a_reset_by_mail_does_not_skip_the_second_step(
    client: Client, alice: User, phone: Phone, link: Link
) -> None:
    client.submit("/reset", email=alice.email)
    client.submit(link(alice.email), password=PASSPHRASE)
    assert not client.is_signed_in
    redirect = client.sign_in(alice.email, PASSPHRASE)
    assert redirect.location == "/login/second"
    assert give_code(client, phone.code()).location == "/account"


def test_a_reset_ends_every_trust(app: Application, alice: User, phone: Phone, link: Link) -> None:
    trusted = visitor(app)
    sign_in(trusted, alice, phone.code(), trust="y")
    trusted.sign_out()
    trusted.submit("/reset", email=alice.email)
    trusted.submit(link(alice.email), password=PASSPHRASE)
    redirect = trusted.sign_in(alice.email, PASSPHRASE)
    assert redirect.location == "/login/second"


def test_a_login_remembered_before_there_was_a_second_factor_ends_with_it(
    app: Application, alice: User
) -> None:
    before = visitor(app)
    give_password(before, alice, remember="y")
    set_up(signed_in(app, alice))
    assert not before.is_signed_in
    before.delete_cookie("session")
    assert not before.is_signed_in, "nor does the remember cookie resume it"
    assert give_password(before, alice).location == "/login/second"


def test_a_remember_cookie_resumes_only_a_login_that_passed_the_second_step(
    client: Client, alice: User, phone: Phone
) -> None:
    give_password(client, alice, remember="y")
    client.delete_cookie("session")
    assert not client.is_signed_in
    sign_in(client, alice, phone.code(), remember="y")
    client.delete_cookie("session")
    assert client.is_signed_in
    assert client.get("/two-factor").location == "/prove?next=/two-factor", "not reauthenticated"


def test_changing_the_password_does_not_count_as_reauthentication(
    app: Application, alice: User, phone: Phone, clock: Clock
) -> None:
    client = signed_in(app, alice)
    clock.forward(minutes=14, seconds=50)
    client.submit("/account/password", current_password=PASSWORD, password=PASSPHRASE)
    clock.forward(seconds=20)
    assert client.get("/two-factor").location == "/prove?next=/two-factor"


def test_changing_the_email_requires_both_factors_and_does_not_sign_in(
    app: Application, client: Client, alice: User, phone: Phone, clock: Clock, link: Link
) -> None:
    as_alice = signed_in(app, alice)
    as_alice.submit("/account/email", email="alice@new.example")
    client.submit(link("alice@new.example"))
    assert not client.is_signed_in
    redirect = client.sign_in("alice@new.example")
    assert redirect.location == "/login/second"
    clock.forward(minutes=15)
    assert as_alice.get("/account/email").location == "/prove?next=/account/email"


@pytest.mark.parametrize(
    "path", ["/account", "/devices", "/two-factor", "/two-factor/recovery-codes", "/prove"]
)
def test_no_other_page_opens_before_the_second_step(
    client: Client, alice: User, phone: Phone, path: str
) -> None:
    give_password(client, alice, remember="y")
    assert client.get(path).location == f"/login?next={path}"


def test_no_authenticator_can_be_set_up_before_the_second_step(
    client: Client, alice: User, phone: Phone
) -> None:
    give_password(client, alice)
    sent = {"csrf_token": client.csrf_token(), "code": phone.code()}
    for path in ("/two-factor", "/two-factor/turn-off", "/two-factor/recovery-codes"):
        assert client.post(path, data=sent).status_code == 401
    assert not client.is_signed_in


def test_a_pending_reauthentication_does_not_sign_in_another_browser(
    app: Application, alice: User, phone: Phone, clock: Clock
) -> None:
    client = signed_in(app, alice)
    clock.forward(minutes=15)
    client.submit("/prove", password=PASSWORD)
    with client.session_transaction() as cookie:
        pending = cookie["second_step"]
    stranger = visitor(app)
    stranger.get("/login")
    with stranger.session_transaction() as cookie:
        cookie["second_step"] = pending
    assert stranger.get("/login/second").location == "/login"


def test_a_form_interrupted_by_reauthentication_continues_after_both_factors(
    app: Application, alice: User, phone: Phone, clock: Clock
) -> None:
    client = signed_in(app, alice)
    fields = client.page("/account/email").fields_for("/account/email")
    clock.forward(minutes=15)
    prompt = client.post("/account/email", data=fields | {"email": "alice@new.example"})
    proof = Page(prompt.text).fields_for("/prove") | {"password": PASSWORD}
    second = Page(client.post("/prove", data=proof).text)
    assert "What you entered is saved" in second.text
    assert "Trust this device" not in second.text
    done = client.post(
        "/login/second", data=second.fields_for("/login/second") | {"code": phone.code()}
    )
    assert "alice@new.example" in Page(done.text).text


def test_an_operator_can_reset_all_factors_of_a_user(
    app: Application, alice: User, phone: Phone, mailed: Mailed
) -> None:
    trusted = visitor(app)
    sign_in(trusted, alice, phone.code(), trust="y", remember="y")
    done = app.test_cli_runner().invoke(args=["users", "reset-factors", alice.email])
    assert "signs in with the password alone" in done.output
    assert not trusted.is_signed_in
    assert give_password(trusted, alice).location == "/account"
    reset = "Two-factor authentication reset"
    assert reset in [mail.subject for mail in mailed(alice.email)]
    assert reset in trusted.page("/activity").text  # part: activity
    assert "Off. Turn it on" in trusted.page("/account").text


def test_resetting_factors_says_if_the_account_is_disabled(
    app: Application, alice: User, phone: Phone
) -> None:
    run = app.test_cli_runner().invoke
    run(args=["users", "disable", alice.email])
    done = run(args=["users", "reset-factors", alice.email])
    assert "cannot sign in: the account is disabled" in done.output
    assert "signs in" not in done.output


def test_resetting_factors_of_an_unknown_email_is_an_error(app: Application) -> None:
    done = app.test_cli_runner().invoke(args=["users", "reset-factors", "nobody@example.com"])
    assert "No user has the email address" in done.output
    assert done.exit_code == 1


def test_deleting_the_account_deletes_all_factors(
    app: Application, alice: User, phone: Phone, clock: Clock
) -> None:
    client = visitor(app)
    sign_in(client, alice, phone.code(), trust="y")
    client.submit("/account/delete")
    clock.forward(days=15)
    assert "deleted accounts: 1" in app.test_cli_runner().invoke(args=["prune"]).output
    url = app.config["DATABASE_URL"]
    for table in ("authenticators", "recovery_codes", "trusted_devices"):
        assert run(url, f"SELECT count(*) FROM {table}")[0][0] == 0  # noqa: S608  # names from this test


# part: export
def test_the_data_export_contains_factors_without_secrets(
    app: Application, alice: User, phone: Phone
) -> None:
    client = visitor(app)
    sign_in(client, alice, phone.code(), trust="y")
    with app.app_context():
        exported = export_of(alice)
    assert len(exported["recovery_codes"]) == 10
    assert set(exported["recovery_codes"][0]) == {"id", "user_id", "created_at"}
    assert set(exported["authenticators"][0]) == {"user_id", "last_step", "created_at"}
    [trust] = exported["trusted_devices"]
    assert trust["expires_at"] - trust["created_at"] > timedelta(days=29)
    assert "token_digest" not in trust


# end part: export
