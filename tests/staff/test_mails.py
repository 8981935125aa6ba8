"""Staff see which emails were sent, but not what is in them, and send some of them again."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from typing import Any

import pytest
from sqlalchemy import delete, null, select, update
from sqlalchemy.exc import InvalidRequestError

from app.application import Application
from app.audit.models import SecurityEvent
from app.database import db
from app.mail.models import Message, SuppressedAddress
from app.mail.sending import OUTBOX
from app.mail.suppression import suppress
from app.staff.mails import mails_to
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.client import Client
from tests.conftest import Clock, signed_in, visitor
from tests.emailed_links import PASSPHRASE
from tests.races import LOCK_WAIT
from tests.staff.buttons import press

Add = Callable[..., int]
Mailed = Callable[[str], list[Message]]
PAGE = "/staff/mails"
NOTHING_SENT = "Nothing was sent: this email is waiting, or was sent a moment ago."
SENT = "The email will be sent in a moment."


@pytest.fixture
def add(app: Application) -> Add:
    """Store an email in a state: add("given-up"); return its id."""

    def store(
        state: str = "waiting",
        name: str = "accounts/mail/notice",
        to: str = "alice@example.com",
        **values: Any,
    ) -> int:
        content = {"subject": "the subject", "text": "the text", "html": "the html"}
        given = {"sender": "site@example.com", "locale": "en", **content, **values}
        row = Message(
            name=name, recipient=to, state=state, headers={"Reply-To": "the header"}, **given
        )
        if state != "waiting":
            row.next_attempt_at = null()
        with app.app_context(), unit_of_work():
            db.session.add(row)
            db.session.flush()
            return row.id

    return store


@pytest.fixture
def end_as(app: Application) -> Callable[..., int]:
    """Give the last email to an address a state: end_as("sent", "alice@…"); return its id."""

    def end(state: str, address: str) -> int:
        newest = select(Message.id).where(Message.recipient == address)
        with app.app_context(), unit_of_work():
            mail_id = db.session.scalars(newest.order_by(Message.id.desc())).first()
            assert mail_id is not None
            ended = update(Message).where(Message.id == mail_id)
            db.session.execute(ended.values(state=state, text="", next_attempt_at=None))
        return mail_id

    return end


@pytest.fixture
def recorded(app: Application) -> Callable[[], list[tuple[int | None, str, bool]]]:
    """Read the user, the kind of email and whether staff acted, of each email sent again."""

    def read() -> list[tuple[int | None, str, bool]]:
        resent = select(SecurityEvent).where(SecurityEvent.action == "mail.resent")
        with app.app_context():
            events = db.session.scalars(resent.order_by(SecurityEvent.id))
            return [(it.user_id, it.details["about"], it.by_staff) for it in events]

    return read


Recorded = Callable[[], list[tuple[int | None, str, bool]]]
EndAs = Callable[..., int]


def state_of(app: Application, mail_id: int) -> str:
    with app.app_context():
        return db.session.get_one(Message, mail_id).state


def refused(browser: Client, mail_id: int) -> str:
    """Send the form of a button that the page does not show; return the text of the refusal."""
    form = {"csrf_token": browser.csrf_token(PAGE)}
    response = browser.post(f"{PAGE}/{mail_id}/send-again", data=form)
    assert response.status_code == 409
    return response.text


# --- What is shown


def test_emails_are_listed_by_kind_and_state(as_admin: Client, add: Add) -> None:
    add("given-up", attempts=15)
    text = as_admin.page(PAGE).text
    assert "alice@example.com accounts/mail/notice · Given up" in text
    assert "15 attempts" in text


def test_neither_a_subject_nor_a_text_nor_a_header_is_shown(as_admin: Client, add: Add) -> None:
    add("given-up")
    html = as_admin.page(PAGE).html
    assert not [it for it in ("the subject", "the text", "the html", "the header") if it in html]


def test_emails_are_filtered_by_state(as_admin: Client, add: Add) -> None:
    for state in ("waiting", "sent", "withheld", "given-up"):
        add(state, to=f"{state}@example.com")
    text = as_admin.page(f"{PAGE}?state=withheld").text
    assert "withheld@example.com" in text
    assert "sent@example.com" not in text


def test_emails_are_found_by_the_start_of_the_address(as_admin: Client, add: Add) -> None:
    add(to="alice@example.com")
    add(to="bob@example.com")
    text = as_admin.page(f"{PAGE}?q=ALI").text
    assert "alice@example.com" in text
    assert "bob@example.com" not in text
    assert "Nothing starts with “carol”." in as_admin.page(f"{PAGE}?q=carol").text


def test_names_and_addresses_are_shown_as_text(as_admin: Client, add: Add) -> None:
    add(name="<b>kind</b>", to='"<script>alert(1)</script>"@example.com')
    html = as_admin.page(PAGE).html
    assert "<b>" not in html
    assert "<script>alert" not in html


def test_neither_a_subject_nor_a_text_can_be_read_from_a_row_of_the_list(
    app: Application, add: Add
) -> None:
    add("given-up")
    with app.app_context():
        mail = db.session.scalars(mails_to("", None)).one()
        for name in ("subject", "text", "html", "headers"):
            with pytest.raises(InvalidRequestError, match=name):
                getattr(mail, name)


# --- Written again


@pytest.mark.parametrize("state", ["sent", "given-up", "withheld"])
def test_a_registration_is_sent_again_with_a_new_link(
    app: Application,
    as_admin: Client,
    end_as: EndAs,
    link: Callable[[str], str],
    clock: Clock,
    recorded: Recorded,
    state: str,
) -> None:
    visitor(app).submit("/register", email="carol@example.com")
    old, mail_id = link("carol@example.com"), end_as(state, "carol@example.com")
    clock.forward(minutes=2)
    assert SENT in press(as_admin, PAGE, f"/{mail_id}/send-again")
    assert recorded() == [(None, "accounts/mail/confirm", True)]
    new = link("carol@example.com")
    assert new != old
    assert visitor(app).get(old).status_code == 410
    assert visitor(app).submit(new, password=PASSPHRASE).status_code == 303
    assert state_of(app, mail_id) == state


def test_a_reset_is_sent_again_with_a_new_link(
    app: Application,
    as_admin: Client,
    alice: User,
    end_as: EndAs,
    link: Callable[[str], str],
    clock: Clock,
    recorded: Recorded,
) -> None:
    visitor(app).submit("/reset", email=alice.email)
    old, mail_id = link(alice.email), end_as("sent", alice.email)
    clock.forward(minutes=2)
    assert SENT in press(as_admin, PAGE, f"/{mail_id}/send-again")
    assert recorded() == [(alice.id, "accounts/mail/reset", True)]
    assert link(alice.email) != old
    assert visitor(app).submit(link(alice.email), password=PASSPHRASE).status_code == 303


# part: de
def test_an_email_is_written_again_in_the_language_of_its_recipient(
    app: Application, as_admin: Client, add: Add, mailed: Mailed
) -> None:
    as_admin.submit("/preferences", locale="de")
    mail_id = add("given-up", "accounts/mail/confirm", "carol@example.com", locale="en")
    press(as_admin, PAGE, f"/{mail_id}/send-again")
    newest = mailed("carol@example.com")[-1]
    assert (newest.locale, newest.subject) == ("en", "Confirm your email address")


# end part: de


def test_a_form_that_is_sent_twice_sends_one_email_and_says_so(
    as_admin: Client, alice: User, add: Add, mailed: Mailed, recorded: Recorded
) -> None:
    mail_id = add("given-up", "accounts/mail/reset")
    press(as_admin, PAGE, f"/{mail_id}/send-again")
    assert NOTHING_SENT in press(as_admin, PAGE, f"/{mail_id}/send-again")
    assert len(mailed(alice.email)) == 2
    assert len(recorded()) == 1


def test_nothing_is_sent_if_the_user_requested_it_a_moment_ago(
    app: Application, as_admin: Client, alice: User, end_as: EndAs, mailed: Mailed
) -> None:
    visitor(app).submit("/reset", email=alice.email)
    mail_id = end_as("sent", alice.email)
    assert NOTHING_SENT in press(as_admin, PAGE, f"/{mail_id}/send-again")
    assert len(mailed(alice.email)) == 1


@pytest.mark.parametrize("kind", ["confirm", "reset"])
def test_an_email_that_the_daily_limit_withholds_is_refused_with_the_reason(
    make_app: Callable[..., Application],
    staff: Callable[[str], User],
    add: Add,
    mailed: Mailed,
    clock: Clock,
    recorded: Recorded,
    kind: str,
) -> None:
    site = make_app(MAIL_DAILY_LIMIT=1)
    path = {"confirm": "/register", "reset": "/reset"}[kind]
    for _ in range(2):
        visitor(site).submit(path, email="carol@example.com")
        clock.forward(minutes=2)
    mail_id = add("given-up", f"accounts/mail/{kind}", "carol@example.com")
    admin = signed_in(site, staff("admin"))
    assert "has reached its daily limit of emails" in refused(admin, mail_id)
    assert len(mailed("carol@example.com")) == 3
    assert recorded() == []


def test_a_reset_of_a_disabled_account_has_no_link(
    app: Application, as_admin: Client, alice: User, add: Add, mailed: Mailed
) -> None:
    app.test_cli_runner().invoke(args=["users", "disable", alice.email])
    mail_id = add("given-up", "accounts/mail/reset")
    press(as_admin, PAGE, f"/{mail_id}/send-again")
    assert mailed(alice.email)[-1].name == "accounts/mail/unusable"


# --- Sent as it is stored


def test_another_email_that_was_given_up_is_sent_as_it_is_stored(
    app: Application, as_admin: Client, alice: User, add: Add, recorded: Recorded
) -> None:
    mail_id = add("given-up", attempts=15)
    assert SENT in press(as_admin, PAGE, f"/{mail_id}/send-again")
    assert NOTHING_SENT in press(as_admin, PAGE, f"/{mail_id}/send-again")
    with app.app_context():
        mail = db.session.get_one(Message, mail_id)
        assert (mail.state, mail.attempts, mail.text) == ("waiting", 0, "the text")
    assert recorded() == [(alice.id, "accounts/mail/notice", True)]


@pytest.mark.parametrize("name", ["accounts/mail/notice", "accounts/mail/confirm"])
def test_a_bounce_is_deleted_but_not_the_suppression_of_an_operator(
    app: Application, as_admin: Client, add: Add, name: str
) -> None:
    with app.app_context(), unit_of_work():
        suppress("bounced@example.com", is_bounce=True)
        suppress("suppressed@example.com")
    for start in ("bounced", "suppressed"):
        mail_id = add("given-up", name, f"{start}@example.com")
        press(as_admin, PAGE, f"/{mail_id}/send-again")
    with app.app_context():
        left = db.session.scalars(select(SuppressedAddress.address)).all()
    assert left == ["suppressed@example.com"]


def test_of_two_members_of_staff_one_sends_an_email_again(
    app: Application, as_admin: Client, alice: User, add: Add, recorded: Recorded
) -> None:
    mail_id, form = add("given-up"), {"csrf_token": as_admin.csrf_token(PAGE)}
    with ThreadPoolExecutor(1) as other:
        with app.app_context(), unit_of_work():
            OUTBOX.retry(mail_id)
            sent = other.submit(as_admin.post, f"{PAGE}/{mail_id}/send-again", data=form)
            sleep(LOCK_WAIT)
            assert not sent.done(), "it waits for the lock"
        assert sent.result().status_code == 303
    assert NOTHING_SENT in as_admin.page(PAGE).text
    assert recorded() == []


# --- Refused


@pytest.mark.parametrize("state", ["sent", "withheld"])
def test_an_email_that_was_not_given_up_has_no_button(
    app: Application, as_admin: Client, add: Add, state: str, recorded: Recorded
) -> None:
    mail_id = add(state)
    assert "Send again" not in as_admin.page(PAGE).text
    assert "Only an email that was given up can be sent again." in refused(as_admin, mail_id)
    assert (state_of(app, mail_id), recorded()) == (state, [])


@pytest.mark.parametrize("state", ["sent", "given-up"])
@pytest.mark.parametrize("kind", ["confirm_new_email", "email_change_requested", "email_changed"])
def test_an_email_whose_link_only_the_user_can_renew_has_no_button(
    app: Application, as_admin: Client, add: Add, kind: str, state: str
) -> None:
    mail_id = add(state, f"accounts/mail/{kind}")
    assert "Send again" not in as_admin.page(PAGE).text
    assert "The link in this email may have expired." in refused(as_admin, mail_id)
    assert state_of(app, mail_id) == state


@pytest.mark.parametrize("name", ["accounts/mail/notice", "accounts/mail/confirm"])
def test_an_email_that_waits_has_no_button_and_is_not_sent_twice(
    as_admin: Client, add: Add, mailed: Mailed, name: str
) -> None:
    mail_id = add("waiting", name)
    assert "Send again" not in as_admin.page(PAGE).text
    assert NOTHING_SENT in press(as_admin, PAGE, f"/{mail_id}/send-again")
    assert len(mailed("alice@example.com")) == 1


def test_an_email_that_is_deleted_by_now_does_not_exist(
    app: Application, as_admin: Client, add: Add
) -> None:
    mail_id, form = add("given-up"), {"csrf_token": as_admin.csrf_token(PAGE)}
    with app.app_context(), unit_of_work():
        db.session.execute(delete(Message))
    assert as_admin.post(f"{PAGE}/{mail_id}/send-again", data=form).status_code == 404


def test_support_neither_sees_nor_sends_emails(
    app: Application, as_support: Client, add: Add
) -> None:
    mail_id = add("given-up")
    as_support.page(PAGE, status=404)
    form = {"csrf_token": as_support.csrf_token("/preferences")}
    assert as_support.post(f"{PAGE}/{mail_id}/send-again", data=form).status_code == 404
    assert state_of(app, mail_id) == "given-up"


def test_an_action_leads_back_to_the_search(as_admin: Client, add: Add) -> None:
    mail_id, form = add("given-up"), {"csrf_token": as_admin.csrf_token(PAGE)}
    response = as_admin.post(f"{PAGE}/{mail_id}/send-again?q=alice&state=given-up", data=form)
    assert response.location == f"{PAGE}?state=given-up&q=alice"
