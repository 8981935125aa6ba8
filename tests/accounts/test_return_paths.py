"""`next` leads through registration and reset to the requested page, and to no other site.

The kind of link and the views are those of docs/mailed-links.md, as printed.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from flask import Blueprint
from sqlalchemy import select

from app.accounts.links import LinkKind
from app.application import Application
from app.audit.models import SecurityEvent
from app.database import db
from app.mail.models import Message
from app.unit_of_work import unit_of_work
from app.users.accounts import disable_user, is_usable
from app.users.models import User
from app.users.scheduled_deletions import Deletion
from app.web.forms import Form
from tests.client import Client
from tests.conftest import PASSWORD, Clock, signed_in, visitor
from tests.documented_examples import example_with
from tests.emailed_links import PASSPHRASE, choose_password, link_in
from tests.page import Page

pytestmark = pytest.mark.usefixtures("without_product")

PAGE = "mailed-links.md"
CHARLIE = "charlie@example.com"
ATTACKS = {
    "another host": "//evil.example",
    "a backslash": "/\\evil.example",
    "a scheme": "https:evil.example",
    "an encoded slash": "/%2fevil.example",
    "a slash that is encoded twice": "/%252fevil.example",
    "an encoded backslash": "/%5cevil.example",
    "a tab": "/\t/evil.example",
    "a script": "javascript:alert(1)",
}
Mailed = Callable[[str], list[Message]]
Link = Callable[[str], str]
Invite = Callable[[str, int], None]


@pytest.fixture
def notes(make_app: Callable[..., Application]) -> Application:
    """A product with the invitations of the document."""
    app = make_app(Blueprint("templates", __name__, template_folder="templates"))
    example_with(PAGE, "def invite(").init_app(app)
    return app


@pytest.fixture
def invite(notes: Application) -> Invite:
    def send(email: str, note_id: int) -> None:
        with notes.app_context(), unit_of_work():
            example_with(PAGE, "def invite(").invite(email, note_id)

    return send


def linked(page: Page, text: str) -> str:
    """Return where the link with this text leads."""
    [link] = [link for link in page.all("a") if link.text.strip() == text]
    return link.get("href")


def accepted(app: Application) -> list[tuple[int, Any]]:
    accepted = SecurityEvent.action == "invitation.accepted"
    with app.app_context():
        events = db.session.scalars(select(SecurityEvent).where(accepted))
        return [(event.user_id or 0, event.details["note"]) for event in events]


# --- The way to the requested page -----------------------------------------------------------


def test_an_invited_new_user_registers_and_lands_where_the_link_was_going(
    notes: Application, invite: Invite, link: Link, mailed: Mailed, clock: Clock
) -> None:
    invite(CHARLIE, 7)
    invitation = link(CHARLIE)
    client = visitor(notes)
    login = client.get(invitation).location
    register = linked(client.page(login), "Create an account")
    assert client.submit(register, email=CHARLIE).location == "/check-mail"
    assert linked(client.page("/check-mail"), "Back to sign in") == login
    clock.forward(minutes=1)
    client.submit("/check-mail")
    assert [mail.subject for mail in mailed(CHARLIE)][1:] == ["Confirm your email address"] * 2
    phone = visitor(notes)
    assert choose_password(phone, link(CHARLIE)).location == invitation
    assert "Read note 7" in phone.page(invitation).text
    assert phone.submit(invitation).location == "/notes/7"
    assert [note for _, note in accepted(notes)] == [7]
    phone.page(invitation, 410)


def test_alice_who_has_an_account_registers_again_and_continues(
    notes: Application, alice: User, invite: Invite, link: Link
) -> None:
    invite(alice.email, 7)
    invitation = link(alice.email)
    visitor(notes).submit(f"/register?next={invitation}", email=alice.email)
    phone = visitor(notes)
    login = link(alice.email)
    assert phone.submit(login, email=alice.email, password=PASSWORD).location == invitation


def test_alice_has_forgotten_her_password_and_continues(
    app: Application, client: Client, alice: User, link: Link
) -> None:
    reset = linked(client.page("/login?next=/devices"), "Forgot your password?")
    client.submit(reset, email=alice.email)
    phone = visitor(app)
    login = phone.submit(link(alice.email), password=PASSPHRASE).location
    response = phone.submit(login, email=alice.email, password=PASSPHRASE)
    assert response.location == "/devices"


def test_a_visitor_without_an_account_asks_for_a_reset_and_registers_instead(
    app: Application, client: Client, link: Link
) -> None:
    client.submit("/reset?next=/devices", email=CHARLIE)
    visitor(app).submit(link(CHARLIE), email=CHARLIE)
    assert choose_password(visitor(app), link(CHARLIE)).location == "/devices"


def test_an_expired_link_leads_on_to_the_requested_page(client: Client) -> None:
    page = client.page("/confirm/used?next=/devices", 410)
    ways = ["Sign in", "Create an account", "Forgot your password?"]
    main = {link.text: link.get("href") for link in page.within(page.one("main"), "a")}
    assert [main[way].partition("?")[2] for way in ways] == ["next=/devices"] * 3


# --- Attacks on it ---------------------------------------------------------------------------


@pytest.fixture(params=ATTACKS.values(), ids=ATTACKS.keys())
def evil(request: pytest.FixtureRequest) -> str:
    target: str = request.param
    return target


def test_the_links_on_the_sign_in_page_drop_an_attack(client: Client, evil: str) -> None:
    page = client.page(f"/login?next={quote(evil)}")
    assert linked(page, "Create an account") == "/register"
    assert linked(page, "Forgot your password?") == "/reset"
    filled = page.fields_for("/login") | {"next": evil, "email": CHARLIE, "password": "wrong"}
    refused = Page(client.post("/login", data=filled).text)
    assert linked(refused, "Create an account") == "/register"


@pytest.mark.parametrize("path", ["/register", "/reset"])
def test_a_tampered_query_or_field_puts_no_attack_into_an_email(
    client: Client, evil: str, link: Link, path: str
) -> None:
    page = client.page(f"{path}?next={quote(evil)}")
    assert page.fields_for(path)["next"] == ""
    client.post(path, data=page.fields_for(path) | {"email": CHARLIE, "next": evil})
    assert "next" not in link(CHARLIE)
    assert linked(client.page("/check-mail"), "Back to sign in") == "/login"


def test_an_attack_is_not_sent_again(
    client: Client, evil: str, link: Link, clock: Clock, mailed: Mailed
) -> None:
    client.submit("/register", email=CHARLIE, next=evil)
    clock.forward(minutes=1)
    client.submit("/check-mail", next=evil)
    assert len(mailed(CHARLIE)) == 2
    assert "next" not in link(CHARLIE)


def test_a_tampered_link_leads_to_no_other_site(
    app: Application, client: Client, evil: str, link: Link
) -> None:
    client.submit("/register?next=/devices", email=CHARLIE)
    tampered = f"{link(CHARLIE).partition('?')[0]}?next={quote(evil)}"
    assert choose_password(visitor(app), tampered).location == "/account"


def test_a_tampered_field_behind_the_link_leads_to_no_other_site(
    app: Application, client: Client, evil: str, link: Link
) -> None:
    client.submit("/register?next=/devices", email=CHARLIE)
    response = visitor(app).submit(link(CHARLIE), password=PASSPHRASE, next=evil)
    assert response.location == "/account"


def test_a_tampered_reset_leads_to_no_other_site(
    app: Application, client: Client, alice: User, evil: str, link: Link
) -> None:
    client.submit("/reset?next=/devices", email=alice.email)
    tampered = f"{link(alice.email).partition('?')[0]}?next={quote(evil)}"
    response = visitor(app).submit(tampered, password=PASSPHRASE, next=evil)
    assert response.location == "/login"


def test_the_form_of_the_document_accepts_paths_of_this_site_only(
    app: Application, evil: str
) -> None:
    form_class = example_with(PAGE, "class AcceptForm(").AcceptForm
    assert issubclass(form_class, Form)
    with app.test_request_context():
        assert form_class(next=evil).next.data is None
        assert form_class(next="/notes/7").next.data == "/notes/7"


# --- Links of a kind of the product ------------------------------------------------------------


def test_only_the_invited_address_can_accept(
    notes: Application, alice: User, invite: Invite, link: Link
) -> None:
    invite(CHARLIE, 7)
    client = signed_in(notes, alice)
    assert client.submit(link(CHARLIE)).status_code == 410
    assert accepted(notes) == []
    assert client.page(link(CHARLIE)), "the link still works"


def test_a_newer_invitation_replaces_older_ones_about_the_same_note_only(
    notes: Application, alice: User, invite: Invite, mailed: Mailed
) -> None:
    for note_id in (7, 8, 7):
        invite(alice.email, note_id)
    first, second, third = [link_in(mail) for mail in mailed(alice.email)]
    client = signed_in(notes, alice)
    client.page(first, 410)
    assert client.submit(second).location == "/notes/8"
    assert client.submit(third).location == "/notes/7"
    assert accepted(notes) == [(alice.id, 8), (alice.id, 7)]


def test_an_invitation_expires_after_its_lifetime(
    notes: Application, alice: User, invite: Invite, link: Link, clock: Clock
) -> None:
    invite(alice.email, 7)
    clock.forward(days=7)
    signed_in(notes, alice).page(link(alice.email), 410)


def test_a_purpose_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="more than 16 characters"):
        LinkKind("invitation to a note", "CONFIRM_LIFETIME", use=lambda link: None)


@pytest.mark.parametrize("state", ["disabled", "scheduled for deletion"])
def test_an_account_that_is_disabled_or_to_be_deleted_is_not_usable(
    app: Application, alice: User, state: str
) -> None:
    with app.app_context(), unit_of_work():
        user = db.session.get_one(User, alice.id)
        assert is_usable(user)
        if state == "disabled":
            disable_user(user)
        else:
            db.session.add(Deletion(user_id=user.id, due_at=user.created_at))
        db.session.flush()
        assert not is_usable(user)
    assert not is_usable(None)


# --- The page after a sign-in without `next` ---------------------------------------------------


def test_one_setting_says_where_a_sign_in_continues(
    make_app: Callable[..., Application], alice: User, link: Link
) -> None:
    app = make_app(PAGE_AFTER_SIGN_IN="/preferences")
    assert visitor(app).sign_in(alice.email).location == "/preferences"
    assert signed_in(app, alice).get("/login").location == "/preferences"
    client = visitor(app)
    client.submit("/register", email=CHARLIE)
    assert choose_password(client, link(CHARLIE)).location == "/preferences"
