"""S5: dangerous actions require a reauthentication, and continue after it."""

from collections.abc import Callable

import pytest
from flask import Blueprint, request
from werkzeug.test import TestResponse
from wtforms import SelectMultipleField

from app.application import Application
from app.sessions.guards import reauthentication_required
from app.unit_of_work import commit_later
from app.users.models import User
from app.web.forms import Form
from tests.client import Client
from tests.conftest import PASSWORD, Clock, signed_in, visitor
from tests.page import Page
from tests.races import requires_sign_in, send_and_end_login_midway, send_while_login_ends

MakeApp = Callable[..., Application]


class DangerForm(Form):
    what = SelectMultipleField()


def dangerous_views() -> Blueprint:
    views = Blueprint("views", __name__)

    @views.route("/danger", methods=["GET", "POST"])
    @reauthentication_required
    def danger() -> dict[str, list[str]]:
        if request.method == "POST":
            commit_later()
        return {"done": request.form.getlist("what")}

    return views


@pytest.fixture
def dangerous(make_app: MakeApp) -> Application:
    return make_app(dangerous_views())


@pytest.fixture
def stale(dangerous: Application, alice: User, clock: Clock) -> Client:
    """Alice's browser, 15 minutes after she signed in."""
    client = signed_in(dangerous, alice)
    client.get("/account")
    clock.forward(minutes=15)
    return client


def reauthenticate(client: Client, page: Page, password: str = PASSWORD) -> TestResponse:
    return client.post("/prove", data=page.fields_for("/prove") | {"password": password})


def test_s5_a_recent_sign_in_needs_no_reauthentication(
    dangerous: Application, alice: User
) -> None:
    assert signed_in(dangerous, alice).get("/danger").status_code == 200


def test_s5_a_visitor_is_asked_to_sign_in_instead(dangerous: Application) -> None:
    assert visitor(dangerous).get("/danger").location == "/login?next=/danger"


def test_s5_a_page_requires_reauthentication_and_opens_after_it(stale: Client) -> None:
    response = stale.get("/danger?which=1")
    assert (response.status_code, response.location) == (303, "/prove?next=/danger?which%3D1")
    response = reauthenticate(stale, stale.page(response.location))
    assert (response.status_code, response.location) == (303, "/danger?which=1")
    assert stale.get(response.location).status_code == 200


def test_s5_a_form_requires_reauthentication_and_is_restored_after_it(stale: Client) -> None:
    fields = {"csrf_token": stale.csrf_token("/account"), "what": ["this", "that"]}
    prompt = stale.post("/danger", data=fields)
    assert prompt.status_code == 401
    assert "We saved what you entered" in Page(prompt.text).text
    page = Page(reauthenticate(stale, Page(prompt.text)).text)
    form = page.one("form", action="/danger")
    inputs = [field for field in page.all("input") if form in field.inside]
    sent = [(field.get("name"), field.get("value")) for field in inputs]
    restored = stale.post(
        "/danger", data={name: [v for n, v in sent if n == name] for name, _ in sent}
    )
    assert restored.json == {"done": ["this", "that"]}


def test_s5_a_reauthentication_lasts_as_long_as_the_setting_says(
    make_app: MakeApp, alice: User, clock: Clock
) -> None:
    client = signed_in(make_app(dangerous_views(), RECENT_LOGIN_LIFETIME="2m"), alice)
    clock.forward(seconds=119)
    assert client.get("/danger").status_code == 200
    clock.forward(seconds=1)
    assert client.get("/danger").status_code == 303


def test_s5_a_wrong_password_does_not_reauthenticate(stale: Client) -> None:
    response = reauthenticate(stale, stale.page("/prove"), password="wrong")
    assert response.status_code == 422
    assert stale.get("/danger").status_code == 303


def test_s5_the_password_of_another_user_does_not_reauthenticate(stale: Client, bob: User) -> None:
    fields = stale.page("/prove").fields_for("/prove")
    fields |= {"email": bob.email, "password": "not alice's password"}
    assert stale.post("/prove", data=fields).status_code == 422


def test_s5_an_api_client_gets_401(stale: Client) -> None:
    response = stale.get("/danger", headers={"Accept": "application/json"})
    assert response.status_code == 401


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example/", "/\\evil"])
def test_s5_the_reauthentication_does_not_redirect_to_another_site(
    stale: Client, wanted: str
) -> None:
    fields = stale.page("/prove").fields_for("/prove") | {"password": PASSWORD, "next": wanted}
    assert stale.post("/prove", data=fields).location == "/account"


def test_s5_a_login_resumed_by_the_remember_cookie_must_reauthenticate(
    dangerous: Application, alice: User
) -> None:
    client = visitor(dangerous)
    client.sign_in(alice.email, remember=True)
    client.delete_cookie("session")
    assert client.get("/danger").location == "/prove?next=/danger", "in the request that resumed"
    assert client.get("/danger").location == "/prove?next=/danger", "and after it"
    reauthenticate(client, client.page("/prove"))
    assert client.get("/danger").status_code == 200


def test_s5_a_reauthentication_rotates_the_token_and_the_previous_one_expires(
    dangerous: Application, alice: User, clock: Clock
) -> None:
    client = visitor(dangerous)
    client.sign_in(alice.email)
    copied = visitor(dangerous)
    copied.set_cookie("session", client.get_cookie("session").value)
    reauthenticate(client, client.page("/prove"))
    assert client.get("/account").status_code == 200
    clock.forward(seconds=61)
    assert copied.get("/account").status_code == 303
    assert client.get("/account").status_code == 200, "and no token reuse ends the login"


def test_s5_a_reauthentication_rotates_the_remember_cookie_too(
    dangerous: Application, alice: User
) -> None:
    client = visitor(dangerous)
    client.sign_in(alice.email, remember=True)
    reauthenticate(client, client.page("/prove"))
    client.delete_cookie("session")
    assert client.get("/account").status_code == 200


def test_s5_a_form_opened_before_the_reauthentication_can_be_submitted(
    stale: Client,
) -> None:
    token = stale.csrf_token("/account")
    reauthenticate(stale, stale.page("/prove"))
    response = stale.post("/account", data={"csrf_token": token, "display_name": "Alice"})
    assert response.status_code == 303


def test_s5_a_reauthentication_that_waited_while_its_login_ended_has_no_effect(
    dangerous: Application, stale: Client, alice: User
) -> None:
    form = stale.page("/prove").fields_for("/prove") | {"password": PASSWORD}
    assert requires_sign_in(send_while_login_ends(dangerous, stale, alice, "/prove", form))
    assert stale.get("/account").status_code == 303


def test_s5_a_reauthentication_whose_login_ended_during_hashing_has_no_effect(
    dangerous: Application, stale: Client, alice: User
) -> None:
    form = stale.page("/prove").fields_for("/prove") | {"password": PASSWORD}
    assert requires_sign_in(send_and_end_login_midway(dangerous, stale, alice, "/prove", form))
    assert stale.get("/account").status_code == 303
