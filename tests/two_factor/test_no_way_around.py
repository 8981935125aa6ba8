"""Every other way in leads to the second step as well, or nowhere."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.accounts.export import export_of
from app.application import Application
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
    is_in,
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
    assert not is_in(client)
    asked = client.submit("/login", email=alice.email, password=PASSPHRASE)
    assert asked.location == "/login/second"
    assert give_code(client, phone.code()).location == "/account"


def test_a_reset_ends_every_trust(app: Application, alice: User, phone: Phone, link: Link) -> None:
    trusted = visitor(app)
    sign_in(trusted, alice, phone.code(), trust="y")
    trusted.post("/logout", data={"csrf_token": trusted.csrf_token("/account")})
    trusted.submit("/reset", email=alice.email)
    trusted.submit(link(alice.email), password=PASSPHRASE)
    asked = trusted.submit("/login", email=alice.email, password=PASSPHRASE)
    assert asked.location == "/login/second"


def test_a_login_remembered_before_there_was_a_second_factor_ends_with_it(
    app: Application, alice: User
) -> None:
    before = visitor(app)
    give_password(before, alice, remember="y")
    set_up(signed_in(app, alice))
    assert not is_in(before)
    before.delete_cookie("session")
    assert not is_in(before), "nor does the remember cookie resume it"
    assert give_password(before, alice).location == "/login/second"


def test_a_remember_cookie_resumes_only_a_login_that_passed_the_second_step(
    client: Client, alice: User, phone: Phone
) -> None:
    give_password(client, alice, remember="y")
    client.delete_cookie("session")
    assert not is_in(client)
    sign_in(client, alice, phone.code(), remember="y")
    client.delete_cookie("session")
    assert is_in(client)
    assert client.get("/two-factor").location == "/prove?next=/two-factor", "and is not proved"


def test_a_password_that_is_changed_proves_no_second_factor(
    app: Application, alice: User, phone: Phone, clock: Clock
) -> None:
    client = signed_in(app, alice)
    clock.forward(minutes=14, seconds=50)
    client.submit("/account/password", current_password=PASSWORD, password=PASSPHRASE)
    clock.forward(seconds=20)
    assert client.get("/two-factor").location == "/prove?next=/two-factor"


def test_changing_the_address_asks_for_both_and_signs_nobody_in(
    app: Application, client: Client, alice: User, phone: Phone, clock: Clock, link: Link
) -> None:
    as_alice = signed_in(app, alice)
    as_alice.submit("/account/email", email="alice@new.example")
    client.submit(link("alice@new.example"))
    assert not is_in(client)
    asked = client.submit("/login", email="alice@new.example", password=PASSWORD)
    assert asked.location == "/login/second"
    clock.forward(minutes=15)
    assert as_alice.get("/account/email").location == "/prove?next=/account/email"


@pytest.mark.parametrize(
    "path", ["/account", "/devices", "/two-factor", "/two-factor/recovery-codes", "/prove"]
)
def test_while_the_second_step_is_awaited_nothing_else_opens(
    client: Client, alice: User, phone: Phone, path: str
) -> None:
    give_password(client, alice, remember="y")
    assert client.get(path).location == f"/login?next={path}"


def test_while_it_is_awaited_no_new_secret_can_be_set_up(
    client: Client, alice: User, phone: Phone
) -> None:
    give_password(client, alice)
    sent = {"csrf_token": client.csrf_token(), "code": phone.code()}
    for path in ("/two-factor", "/two-factor/turn-off", "/two-factor/recovery-codes"):
        assert client.post(path, data=sent).status_code == 401
    assert not is_in(client)


def test_a_proof_that_is_awaited_signs_nobody_in(
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


def test_a_form_that_was_interrupted_for_proof_goes_on_after_both(
    app: Application, alice: User, phone: Phone, clock: Clock
) -> None:
    client = signed_in(app, alice)
    fields = client.page("/account/email").fields_for("/account/email")
    clock.forward(minutes=15)
    asked = client.post("/account/email", data=fields | {"email": "alice@new.example"})
    proof = Page(asked.text).fields_for("/prove") | {"password": PASSWORD}
    second = Page(client.post("/prove", data=proof).text)
    assert "What you typed is kept" in second.text
    assert "Trust this device" not in second.text
    done = client.post(
        "/login/second", data=second.fields_for("/login/second") | {"code": phone.code()}
    )
    assert "alice@new.example" in Page(done.text).text


def test_an_operator_lets_in_who_has_lost_everything(
    app: Application, alice: User, phone: Phone, mailed: Mailed
) -> None:
    trusted = visitor(app)
    sign_in(trusted, alice, phone.code(), trust="y", remember="y")
    done = app.test_cli_runner().invoke(args=["users", "reset-factors", alice.email])
    assert "signs in with the password alone" in done.output
    assert not is_in(trusted)
    assert give_password(trusted, alice).location == "/account"
    words = "Second factors removed by whoever runs this site"
    assert words in [mail.subject for mail in mailed(alice.email)]
    assert words in trusted.page("/activity").text
    assert "It is off." in trusted.page("/account").text


def test_an_operator_is_told_of_an_account_that_cannot_be_opened(
    app: Application, alice: User, phone: Phone
) -> None:
    run = app.test_cli_runner().invoke
    run(args=["users", "disable", alice.email])
    done = run(args=["users", "reset-factors", alice.email])
    assert "cannot sign in: the account is disabled" in done.output
    assert "signs in" not in done.output


def test_an_operator_who_mistypes_is_told(app: Application) -> None:
    done = app.test_cli_runner().invoke(args=["users", "reset-factors", "nobody@example.com"])
    assert "Nobody has the address" in done.output
    assert done.exit_code == 1


def test_a_deleted_account_takes_all_of_it_along(
    app: Application, alice: User, phone: Phone, clock: Clock
) -> None:
    client = visitor(app)
    sign_in(client, alice, phone.code(), trust="y")
    client.submit("/account/delete")
    clock.forward(days=15)
    assert "people deleted for good: 1" in app.test_cli_runner().invoke(args=["prune"]).output
    url = app.config["DATABASE_URL"]
    for table in ("authenticators", "recovery_codes", "trusted_devices"):
        assert run(url, f"SELECT count(*) FROM {table}")[0][0] == 0  # noqa: S608


def test_the_copy_of_ones_data_has_it_without_what_opens_doors(
    app: Application, alice: User, phone: Phone
) -> None:
    client = visitor(app)
    sign_in(client, alice, phone.code(), trust="y")
    with app.app_context():
        told = export_of(alice)
    assert len(told["recovery_codes"]) == 10
    assert set(told["recovery_codes"][0]) == {"id", "user_id", "created_at"}
    assert set(told["authenticators"][0]) == {"user_id", "last_step", "created_at"}
    [trust] = told["trusted_devices"]
    assert trust["expires_at"] - trust["created_at"] > timedelta(days=29)
    assert "token_digest" not in trust
