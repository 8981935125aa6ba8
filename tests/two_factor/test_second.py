"""The second step: after the right password, in the same browser, for minutes."""

import pytest

from app.application import Application
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, Clock, signed_in, visitor
from tests.page import Page
from tests.two_factor.phones import Phone, give_code, give_password, sign_in


def test_alice_signs_in_with_password_and_code(client: Client, alice: User, phone: Phone) -> None:
    response = give_password(client, alice)
    assert (response.status_code, response.location) == (303, "/login/second")
    response = give_code(client, phone.code())
    assert (response.status_code, response.location) == (303, "/account")
    assert client.is_signed_in


def test_a_code_may_be_typed_as_the_phone_shows_it(
    client: Client, alice: User, phone: Phone
) -> None:
    code = phone.code()
    assert sign_in(client, alice, f" {code[:3]} {code[3:]} ").status_code == 303


def test_the_password_alone_opens_nothing(client: Client, alice: User, phone: Phone) -> None:
    give_password(client, alice, remember="y")
    assert client.get("/account").location == "/login?next=/account"
    assert client.get_cookie("remember_token") is None
    assert client.get_cookie("known_device") is None


def test_the_next_page_and_remember_me_survive_the_second_step(
    client: Client, alice: User, phone: Phone
) -> None:
    fields = client.page("/login?next=/devices").fields_for("/login")
    client.post(
        "/login", data={**fields, "email": alice.email, "password": PASSWORD, "remember": "y"}
    )
    assert give_code(client, phone.code()).location == "/devices"
    client.delete_cookie("session")
    assert client.is_signed_in, "the remember cookie resumes the login"


def test_without_remember_me_there_is_no_remember_cookie(
    client: Client, alice: User, phone: Phone
) -> None:
    sign_in(client, alice, phone.code())
    assert client.get_cookie("remember_token") is None


def test_an_interrupted_form_continues_after_the_second_step(
    app: Application, alice: User, phone: Phone, clock: Clock
) -> None:
    client = signed_in(app, alice)
    fields = client.page("/account").fields_for("/account") | {"display_name": "Ally"}
    clock.forward(hours=2)
    sign_in_form = Page(client.post("/account", data=fields).text).fields_for("/login")
    second = client.post(
        "/login", data=sign_in_form | {"email": alice.email, "password": PASSWORD}
    )
    assert "What you entered is saved" in Page(second.text).text
    step = Page(second.text).fields_for("/login/second") | {"code": phone.code()}
    assert "Ally" in Page(client.post("/login/second", data=step).text).text


def test_a_wrong_code_shows_an_error_and_does_not_sign_in(
    client: Client, alice: User, phone: Phone
) -> None:
    response = sign_in(client, alice, phone.wrong_code)
    assert response.status_code == 422
    assert "incorrect, has expired or was already used" in Page(response.text).text
    assert not client.is_signed_in
    assert give_code(client, phone.code()).status_code == 303


@pytest.mark.parametrize(("steps", "status"), [(-2, 422), (-1, 303), (0, 303), (1, 303), (2, 422)])
def test_a_clock_may_be_off_by_one_step(
    client: Client, alice: User, phone: Phone, clock: Clock, steps: int, status: int
) -> None:
    clock.forward(minutes=5)
    assert sign_in(client, alice, phone.code(steps)).status_code == status


def test_a_pending_second_step_expires_after_five_minutes(
    client: Client, alice: User, phone: Phone, clock: Clock
) -> None:
    give_password(client, alice)
    clock.forward(minutes=5)
    response = client.get("/login/second")
    assert (response.status_code, response.location) == (303, "/login")
    response = client.post(
        "/login/second", data={"csrf_token": client.csrf_token(), "code": phone.code()}
    )
    assert response.location == "/login"
    assert not client.is_signed_in


def test_another_browser_has_no_second_step(
    app: Application, client: Client, alice: User, phone: Phone
) -> None:
    give_password(client, alice)
    other = visitor(app)
    sent = {"csrf_token": other.csrf_token(), "code": phone.code()}
    assert other.post("/login/second", data=sent).location == "/login"
    assert not other.is_signed_in


def test_a_password_change_voids_a_pending_second_step(
    app: Application, client: Client, alice: User, phone: Phone
) -> None:
    give_password(client, alice)
    runner = app.test_cli_runner()
    runner.invoke(
        args=["users", "set-password", alice.email, "--password", "a new and longer one"]
    )
    assert client.get("/login/second").location == "/login"


def test_disabling_the_account_voids_a_pending_second_step(
    app: Application, client: Client, alice: User, phone: Phone
) -> None:
    give_password(client, alice)
    app.test_cli_runner().invoke(args=["users", "disable", alice.email])
    assert client.get("/login/second").location == "/login"


def test_nothing_of_the_visitors_session_survives(
    client: Client, alice: User, phone: Phone
) -> None:
    with client.session_transaction() as cookie:
        cookie["planted"] = True
    sign_in(client, alice, phone.code())
    with client.session_transaction() as cookie:
        assert "planted" not in cookie
        assert "second_step" not in cookie


def test_bob_without_a_second_factor_signs_in_with_the_password(
    client: Client, alice: User, bob: User, phone: Phone
) -> None:
    assert give_password(client, bob).location == "/account"


def test_a_scheduled_deletion_is_cancelled_only_after_both_factors(
    app: Application, client: Client, alice: User, phone: Phone
) -> None:
    signed_in(app, alice).submit("/account/delete")
    give_password(client, alice)
    assert "will not be deleted" not in client.page("/login/second").text
    give_code(client, phone.code())
    assert "will not be deleted" in client.page("/account").text
