"""S5: what is dangerous asks for proof, and then goes on with what was asked."""

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
from tests.races import asks_to_sign_in, send_and_end_in_between, send_while_it_ends

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
def unproved(dangerous: Application, alice: User, clock: Clock) -> Client:
    """Alice's browser, a quarter of an hour after she signed in."""
    client = signed_in(dangerous, alice)
    client.get("/account")
    clock.forward(minutes=15)
    return client


def prove(client: Client, page: Page, password: str = PASSWORD) -> TestResponse:
    return client.post("/prove", data=page.fields_for("/prove") | {"password": password})


def test_s5_whoever_has_just_signed_in_is_not_asked(dangerous: Application, alice: User) -> None:
    assert signed_in(dangerous, alice).get("/danger").status_code == 200


def test_s5_a_visitor_is_asked_to_sign_in_and_not_to_prove(dangerous: Application) -> None:
    assert visitor(dangerous).get("/danger").location == "/login?next=/danger"


def test_s5_a_page_asks_for_proof_and_opens_after_it(unproved: Client) -> None:
    response = unproved.get("/danger?which=1")
    assert (response.status_code, response.location) == (303, "/prove?next=/danger?which%3D1")
    response = prove(unproved, unproved.page(response.location))
    assert (response.status_code, response.location) == (303, "/danger?which=1")
    assert unproved.get(response.location).status_code == 200


def test_s5_a_form_asks_for_proof_and_goes_on_after_it(unproved: Client) -> None:
    fields = {"csrf_token": unproved.csrf_token("/account"), "what": ["this", "that"]}
    asked = unproved.post("/danger", data=fields)
    assert asked.status_code == 401
    assert "We saved what you entered" in Page(asked.text).text
    page = Page(prove(unproved, Page(asked.text)).text)
    form = page.one("form", action="/danger")
    inputs = [field for field in page.all("input") if form in field.inside]
    sent = [(field.get("name"), field.get("value")) for field in inputs]
    answer = unproved.post(
        "/danger", data={name: [v for n, v in sent if n == name] for name, _ in sent}
    )
    assert answer.json == {"done": ["this", "that"]}


def test_s5_proof_lasts_as_long_as_the_setting_says(
    make_app: MakeApp, alice: User, clock: Clock
) -> None:
    client = signed_in(make_app(dangerous_views(), RECENT_LOGIN_LIFETIME="2m"), alice)
    clock.forward(seconds=119)
    assert client.get("/danger").status_code == 200
    clock.forward(seconds=1)
    assert client.get("/danger").status_code == 303


def test_s5_a_wrong_password_proves_nothing(unproved: Client) -> None:
    response = prove(unproved, unproved.page("/prove"), password="wrong")
    assert response.status_code == 422
    assert unproved.get("/danger").status_code == 303


def test_s5_the_password_of_another_proves_nothing(unproved: Client, bob: User) -> None:
    fields = unproved.page("/prove").fields_for("/prove")
    fields |= {"email": bob.email, "password": "not alice's password"}
    assert unproved.post("/prove", data=fields).status_code == 422


def test_s5_a_program_is_told_401(unproved: Client) -> None:
    response = unproved.get("/danger", headers={"Accept": "application/json"})
    assert response.status_code == 401


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example/", "/\\evil"])
def test_s5_proof_leads_nobody_off_the_site(unproved: Client, wanted: str) -> None:
    fields = unproved.page("/prove").fields_for("/prove") | {"password": PASSWORD, "next": wanted}
    assert unproved.post("/prove", data=fields).location == "/account"


def test_s5_a_login_resumed_by_the_remember_cookie_is_asked_at_once(
    dangerous: Application, alice: User
) -> None:
    client = visitor(dangerous)
    client.submit("/login", email=alice.email, password=PASSWORD, remember="y")
    client.delete_cookie("session")
    assert client.get("/danger").location == "/prove?next=/danger", "in the request that resumed"
    assert client.get("/danger").location == "/prove?next=/danger", "and after it"
    prove(client, client.page("/prove"))
    assert client.get("/danger").status_code == 200


def test_s5_proof_renews_the_token_and_the_former_soon_ends(
    dangerous: Application, alice: User, clock: Clock
) -> None:
    client = visitor(dangerous)
    client.submit("/login", email=alice.email, password=PASSWORD)
    copied = visitor(dangerous)
    copied.set_cookie("session", client.get_cookie("session").value)
    prove(client, client.page("/prove"))
    assert client.get("/account").status_code == 200
    clock.forward(seconds=61)
    assert copied.get("/account").status_code == 303
    assert client.get("/account").status_code == 200, "and no alarm ends it for Alice"


def test_s5_proof_renews_the_remember_cookie_too(dangerous: Application, alice: User) -> None:
    client = visitor(dangerous)
    client.submit("/login", email=alice.email, password=PASSWORD, remember="y")
    prove(client, client.page("/prove"))
    client.delete_cookie("session")
    assert client.get("/account").status_code == 200


def test_s5_a_page_that_was_open_before_the_proof_can_still_send_its_form(
    unproved: Client,
) -> None:
    token = unproved.csrf_token("/account")
    prove(unproved, unproved.page("/prove"))
    response = unproved.post("/account", data={"csrf_token": token, "display_name": "Alice"})
    assert response.status_code == 303


def test_s5_a_proof_that_waited_while_its_login_was_ended_proves_nothing(
    dangerous: Application, unproved: Client, alice: User
) -> None:
    form = unproved.page("/prove").fields_for("/prove") | {"password": PASSWORD}
    assert asks_to_sign_in(send_while_it_ends(dangerous, unproved, alice, "/prove", form))
    assert unproved.get("/account").status_code == 303


def test_s5_a_proof_whose_login_was_ended_while_the_hash_was_computed_proves_nothing(
    dangerous: Application, unproved: Client, alice: User
) -> None:
    form = unproved.page("/prove").fields_for("/prove") | {"password": PASSWORD}
    assert asks_to_sign_in(send_and_end_in_between(dangerous, unproved, alice, "/prove", form))
    assert unproved.get("/account").status_code == 303
