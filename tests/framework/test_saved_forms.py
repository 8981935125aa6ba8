"""A9: a form with an expired token is shown again as it was filled in, and changes nothing."""

from collections.abc import Callable

import pytest
from flask import Blueprint, redirect, render_template_string, request
from flask.typing import ResponseReturnValue
from wtforms import StringField

from app.application import Application
from app.database import db
from app.mail.models import Message
from app.sessions.guards import public
from app.unit_of_work import ReadOnlyRequest, after_commit, commit_later
from app.users.models import User
from app.web.forms import Form
from tests.client import Client
from tests.conftest import PASSWORD, Clock, signed_in, visitor
from tests.page import Page

MakeApp = Callable[..., Application]
SAYS = "was open for too long"
FROM_ELSEWHERE = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
    {"Referer": "https://evil.example/http://localhost/"},
]
PAGE = """<!doctype html><html lang="en"><title>Notes</title><body><main><h1>Notes</h1>
<form method="post">{{ form.csrf_token }}{{ form.text.label }}{{ form.text }}
{{ form.form_errors|join }}</form></main></body>"""


class NoteForm(Form):
    text = StringField("Note")


def send_late(client: Client, path: str, page: str | None = None, **fields: str) -> Page:
    """Submit the form of a page with an invalid token. Return the page in the response."""
    filled = client.page(page or path).fields_for(path) | fields
    filled["csrf_token"] = filled["csrf_token"][::-1]
    response = client.post(path, data=filled)
    assert response.status_code == 422
    assert response.headers["Cache-Control"] == "no-store"
    back = Page(response.text)
    assert SAYS in back.text
    return back


def send_back(client: Client, path: str, page: Page, **fields: str) -> int:
    """Submit the form of the page in the response. Return the status."""
    form = [form for form in page.all("form") if form.is_within("main")][-1]
    filled = page.fields_for(path) | fields
    return client.post(form.get("action") or path, data=filled).status_code


def lose_cookies(client: Client) -> None:
    for name in ("session", "remember_token"):
        client.delete_cookie(name)


# --- Visitors ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/login", {"email": "alice@example.com", "password": PASSWORD, "next": "/devices"}),
        ("/register", {"email": "charlie@example.com"}),
        ("/reset", {"email": "alice@example.com"}),
    ],
)
def test_a9_a_visitor_without_the_cookie_gets_the_form_again(
    client: Client,
    alice: User,
    outbox: Callable[[], list[Message]],
    path: str,
    fields: dict[str, str],
) -> None:
    filled = client.page(path).fields_for(path) | fields
    lose_cookies(client)
    response = client.post(path, data=filled)
    assert response.status_code == 422
    page = Page(response.text)
    assert SAYS in page.one("div", role="alert").text
    assert page.one("input", name="email").get("value") == fields["email"]
    assert PASSWORD not in page.html
    assert not outbox()
    password = {"password": fields["password"]} if "password" in fields else {}
    assert send_back(client, path, page, **password) == 303


def test_a9_selected_options_are_shown_again(client: Client) -> None:
    page = send_late(client, "/preferences", theme="dark", time_zone="Europe/Berlin")
    assert "checked" in page.one("input", value="dark").attributes
    assert page.fields_for("/preferences")["time_zone"] == "Europe/Berlin"
    assert client.page("/preferences").one("html").get("data-bs-theme") == "system"


def test_a9_the_next_page_is_kept(client: Client, alice: User) -> None:
    filled = client.page("/login?next=/devices").fields_for("/login") | {
        "email": "alice@example.com",
        "remember": "y",
    }
    lose_cookies(client)
    page = Page(client.post("/login", data=filled).text)
    assert "checked" in page.one("input", name="remember").attributes
    response = client.post("/login", data=page.fields_for("/login") | {"password": PASSWORD})
    assert response.location == "/devices"


# --- Signed-in users -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "field", "typed"),
    [
        ("/account", "display_name", "Alice the Great"),
        ("/account/email", "email", "alice@new.example"),
    ],
)
def test_a9_alice_gets_her_entries_again(
    as_alice: Client, outbox: Callable[[], list[Message]], path: str, field: str, typed: str
) -> None:
    page = send_late(as_alice, path, **{field: typed})
    assert page.one("input", name=field).get("value") == typed
    assert typed not in as_alice.page(path).html
    assert not outbox()
    assert send_back(as_alice, path, page) == 303


@pytest.mark.parametrize("path", ["/account/delete", "/stay"])
def test_a9_a_page_with_only_a_button_is_shown_again_and_works(
    as_alice: Client, outbox: Callable[[], list[Message]], path: str
) -> None:
    page = send_late(as_alice, path)
    assert not outbox()
    assert as_alice.get("/account").status_code == 200
    assert send_back(as_alice, path, page) == 303


def test_a9_passwords_are_not_shown_again(as_alice: Client) -> None:
    page = send_late(as_alice, "/account/password", current_password=PASSWORD, password="s3cret s")
    assert PASSWORD not in page.html
    assert "s3cret s" not in page.html


def test_a9_a_form_is_kept_during_a_new_sign_in(as_alice: Client, alice: User) -> None:
    filled = as_alice.page("/account").fields_for("/account") | {"display_name": "Alice the Great"}
    lose_cookies(as_alice)
    response = as_alice.post("/account", data=filled)
    assert response.status_code == 401
    fields = Page(response.text).fields_for("/login") | {"email": alice.email}
    response = as_alice.post("/login", data=fields | {"password": PASSWORD})
    assert "Name" in Page(response.text).one("dt").text
    assert send_back(as_alice, "/account", Page(response.text)) == 303
    assert "Alice the Great" in as_alice.page("/account").html


def test_a9_a_form_is_kept_during_a_reauthentication(as_alice: Client, clock: Clock) -> None:
    filled = as_alice.page("/account/email").fields_for("/") | {"email": "alice@new.example"}
    clock.forward(minutes=16)
    response = as_alice.post("/account/email", data=filled | {"csrf_token": "gone"})
    assert response.status_code == 401
    fields = Page(response.text).fields_for("/prove") | {"password": PASSWORD}
    page = Page(as_alice.post("/prove", data=fields).text)
    assert "alice@new.example" in page.text
    assert send_back(as_alice, "/account/email", page) == 303


def test_a9_another_user_of_the_browser_sees_the_form_but_not_the_account(
    as_alice: Client, bob: User
) -> None:
    fields = {"email": "bob@example.com", "password": PASSWORD, "csrf_token": "gone"}
    response = as_alice.post("/login", data=fields)
    assert response.status_code == 422
    assert Page(response.text).one("input", name="email").get("value") == "bob@example.com"


# --- Buttons -------------------------------------------------------------------------------------


def test_a9_a_button_with_an_expired_token_is_shown_again_and_works(as_alice: Client) -> None:
    page = send_late(as_alice, "/logout", page="/account")
    assert as_alice.get("/account").status_code == 200
    assert send_back(as_alice, "/logout", page) == 303
    assert as_alice.get("/account").status_code == 303


def test_a9_a_device_is_ended_when_the_form_is_submitted_again(
    app: Application, alice: User, as_alice: Client
) -> None:
    elsewhere = signed_in(app, alice)
    forms = [form.get("action") for form in as_alice.page("/devices").all("form")]
    path = [action for action in forms if action.endswith("/end")][-1]
    page = send_late(as_alice, path, page="/devices")
    assert elsewhere.get("/account").status_code == 200
    assert send_back(as_alice, path, page) == 303
    assert elsewhere.get("/account").status_code == 303


# --- Views of a product --------------------------------------------------------------------------


@pytest.fixture
def site(make_app: MakeApp, alice: User) -> Client:
    """A site with a view that uses the form class and one that reads the request itself.

    A form with an expired token must not reach the writes of either view.
    """
    views = Blueprint("views", __name__, url_prefix="/adopted")

    @views.route("/notes", methods=["GET", "POST"])
    @public
    def notes() -> ResponseReturnValue:
        form = NoteForm()
        if form.validate_on_submit():
            return save(form.text.data or "")
        return render_template_string(PAGE, form=form), form.status

    @views.route("/raw", methods=["GET", "POST"])
    @public
    def raw() -> ResponseReturnValue:
        if request.method == "POST":
            return save(request.form["text"])
        return render_template_string(PAGE, form=NoteForm())

    @views.route("/careless", methods=["GET", "POST"])
    @public
    def careless() -> ResponseReturnValue:
        return save(request.form["text"]) if request.form else "Nothing was sent."

    @views.route("/reckless", methods=["GET", "POST"])
    @public
    def reckless() -> ResponseReturnValue:
        return save(request.values["text"])

    @views.post("/add")
    @public
    def add() -> ResponseReturnValue:
        return save(request.form["text"])

    def save(text: str) -> ResponseReturnValue:
        db.session.add(User(email=f"{text}@example.com"))
        commit_later()
        after_commit(done.append, text)
        return redirect("/adopted/notes", 303)

    application = make_app(views)
    done: list[str] = application.extensions.setdefault("done", [])
    return visitor(application)


@pytest.mark.parametrize("path", ["notes", "raw", "careless", "add"])
def test_a9_a_view_of_a_product_changes_nothing_and_keeps_the_form(
    site: Client, path: str
) -> None:
    path = f"/adopted/{path}"
    page = send_late(site, path, page="/adopted/notes", text="half-a-novel")
    assert site.application.extensions["done"] == []
    assert page.fields_for(path)["text"] == "half-a-novel"
    assert send_back(site, path, page) == 303
    assert site.application.extensions["done"] == ["half-a-novel"]


def test_a9_a_view_that_ignores_the_method_cannot_write(site: Client) -> None:
    with pytest.raises(ReadOnlyRequest):
        site.post("/adopted/reckless", data={"csrf_token": "gone", "text": "half-a-novel"})
    assert site.application.extensions["done"] == []


# --- Forms of other sites ------------------------------------------------------------------------


@pytest.mark.parametrize("headers", FROM_ELSEWHERE, ids=str)
@pytest.mark.parametrize("path", ["/login", "/account", "/logout", "/devices/end-others"])
def test_a9_a_form_of_another_site_is_rejected_and_not_shown(
    as_alice: Client, path: str, headers: dict[str, str]
) -> None:
    token = visitor(as_alice.application).csrf_token()
    fields = {"csrf_token": token, "email": "mallory@evil.example", "display_name": "mallory"}
    response = as_alice.post(path, data=fields, headers=headers)
    assert response.status_code == 400
    assert "mallory" not in response.text
    assert as_alice.get("/account").status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a9_methods_that_forms_cannot_send_are_rejected(as_alice: Client, method: str) -> None:
    response = as_alice.open("/account", method=method, data={"csrf_token": "gone"})
    assert response.status_code in {400, 405}


def test_a9_a_program_gets_problem_json(as_alice: Client) -> None:
    headers = {"Accept": "application/json"}
    response = as_alice.post("/account", data={"csrf_token": "gone"}, headers=headers)
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
