"""Unsubscribing from an optional email, without signing in."""

from collections.abc import Callable

from app.application import Application
from app.database import db
from app.mail.models import Message
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.client import Client
from tests.conftest import visitor
from tests.mail_server import MailServer
from tests.mail_topics.conftest import (
    MakeSite,
    click_once,
    gets_mail,
    send_due,
    unsubscribe_path,
    write_week,
)
from tests.mail_topics.weekly import TIPS
from tests.processes import SECRET_KEY

Outbox = Callable[[], list[Message]]
NEW_KEY = "another key for the tests, 98765"


def test_one_click_ends_the_emails_of_this_topic(
    site: Application, alice: User, link: str
) -> None:
    assert click_once(visitor(site), link) == 200
    assert not gets_mail(site, alice)


def test_the_request_of_an_email_program_needs_no_session_and_gets_none(
    site: Application, link: str
) -> None:
    response = visitor(site).post(link, data={"List-Unsubscribe": "One-Click"})
    assert "You will not get any more emails of this kind: Your week." in response.text
    assert "Set-Cookie" not in response.headers


def test_a_scanner_that_opens_the_link_changes_nothing(
    site: Application, alice: User, link: str
) -> None:
    for method in ("GET", "HEAD"):
        assert visitor(site).open(link, method=method).status_code == 200
    assert gets_mail(site, alice)


def test_alice_unsubscribes_with_the_button_of_the_page(
    site: Application, alice: User, link: str
) -> None:
    response = visitor(site).submit(link)
    assert "You will not get any more emails" in response.text
    assert not gets_mail(site, alice)


def test_a_second_click_does_no_harm(site: Application, alice: User, link: str) -> None:
    assert [click_once(visitor(site), link) for _ in range(2)] == [200, 200]
    assert not gets_mail(site, alice)


def test_an_email_that_waits_is_not_sent_after_unsubscribing(
    site: Application, alice: User, link: str, outbox: Outbox, mails: MailServer
) -> None:
    write_week(site, alice)
    click_once(visitor(site), link)
    assert send_due(site) == ["withheld"]
    assert len(mails.messages) == 1
    waiting = outbox()[-1]
    assert (waiting.text, waiting.last_error) == (
        "",
        "The user does not want emails of this topic.",
    )


def test_a_link_belongs_to_one_user(
    site: Application, alice: User, bob: User, link: str, as_reader: Client
) -> None:
    """Bob's browser opens Alice's email, which was forwarded to him."""
    click_once(as_reader, link)
    assert gets_mail(site, bob)


def test_a_link_belongs_to_one_topic(
    site: Application, alice: User, link: str, as_reader: Client
) -> None:
    as_reader.submit("/account/mail", topics=["weekly", "tips"])
    click_once(visitor(site), link)
    write_week(site, alice, TIPS)
    assert send_due(site) == ["sent"]


def test_a_link_reveals_neither_user_nor_topic_and_differs_in_each_email(
    site: Application, alice: User, link: str, mails: MailServer
) -> None:
    write_week(site, alice)
    send_due(site)
    assert unsubscribe_path(mails.messages[-1]) != link
    assert "weekly" not in link


def test_a_link_works_after_the_secret_key_is_rotated(
    make_site: MakeSite, alice: User, link: str
) -> None:
    rotated = make_site(SECRET_KEY=NEW_KEY, SECRET_KEY_FALLBACKS=(SECRET_KEY,))
    assert click_once(visitor(rotated), link) == 200
    assert not gets_mail(rotated, alice)


def test_a_link_of_a_deleted_account_works_like_any_other(
    site: Application, alice: User, link: str
) -> None:
    with site.app_context(), unit_of_work():
        db.session.delete(db.session.get_one(User, alice.id))
    assert click_once(visitor(site), link) == 200


def test_the_command_unsubscribes_by_the_subject_of_an_email(
    site: Application, alice: User, link: str
) -> None:
    flask = site.test_cli_runner()
    token = link.rpartition("/")[2]
    printed = flask.invoke(args=["mail-topics", "unsubscribe", token]).output
    assert "no more emails of the topic weekly" in printed
    assert not gets_mail(site, alice)
    assert "not valid" in flask.invoke(args=["mail-topics", "unsubscribe", "x"]).output
