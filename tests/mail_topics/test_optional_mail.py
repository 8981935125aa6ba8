"""An email with a topic: its headers, and when it is not written at all."""

from collections.abc import Callable
from contextlib import suppress

import pytest

from app.application import Application
from app.clock import now
from app.database import db
from app.mail import Topic, send_mail_later, topics
from app.mail.models import Message
from app.mail.topics import TopicUnknown
from app.mail_topics.optional_mail import NotAUser
from app.unit_of_work import unit_of_work
from app.users.models import User
from app.users.scheduled_deletions import Deletion
from config import SettingRefused
from tests.client import Client
from tests.conftest import Clock
from tests.mail_server import MailServer
from tests.mail_topics.conftest import MakeSite, send_due, unsubscribe_path, write_week
from tests.mail_topics.weekly import TIPS, WEEKLY

Outbox = Callable[[], list[Message]]


def change(site: Application, user: User, **values: object) -> None:
    with site.app_context(), unit_of_work():
        row = db.session.get_one(User, user.id)
        for name, value in values.items():
            setattr(row, name, value)


def test_an_optional_email_can_be_unsubscribed_from_in_one_click(
    make_site: MakeSite, alice: User, mails: MailServer
) -> None:
    site = make_site(BASE_URL="https://notes.example.com")
    write_week(site, alice)
    send_due(site)
    [mail] = mails.messages
    assert mail["List-Unsubscribe"].startswith("<https://notes.example.com/unsubscribe/")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_the_header_is_sent_as_it_is(site: Application, alice: User, mails: MailServer) -> None:
    """Python encodes long words (RFC 2047), which email programs do not decode in a URL."""
    write_week(site, alice)
    send_due(site)
    content = mails.envelopes[0].content
    assert isinstance(content, bytes)
    url = f"{site.config['BASE_URL']}/unsubscribe/".encode()
    assert b"List-Unsubscribe: <" + url in content
    assert b"=?utf-8" not in content.partition(b"\r\n\r\n")[0]


def test_the_text_and_the_html_contain_the_link(
    site: Application, alice: User, mails: MailServer
) -> None:
    write_week(site, alice)
    send_due(site)
    url = site.config["BASE_URL"] + unsubscribe_path(mails.messages[0])
    text, html = (part.get_content() for part in mails.messages[0].iter_parts())
    assert text.splitlines()[-1] == f"Unsubscribe: {url}"
    assert f'href="{url}"' in html


def test_a_mail_address_to_unsubscribe_is_offered_if_it_is_configured(
    make_site: MakeSite, alice: User, mails: MailServer
) -> None:
    site = make_site(UNSUBSCRIBE_ADDRESS="stop@example.com")
    write_week(site, alice)
    send_due(site)
    _, by_mail = mails.messages[0]["List-Unsubscribe"].split(", ")
    token = unsubscribe_path(mails.messages[0]).rpartition("/")[2]
    assert by_mail == f"<mailto:stop@example.com?subject={token}>"


@pytest.mark.parametrize("address", ["stop", "a@example.com>, <https://evil.example", "a b@c.de"])
def test_an_invalid_address_to_unsubscribe_stops_the_start(
    make_site: MakeSite, address: str
) -> None:
    with pytest.raises(SettingRefused, match="UNSUBSCRIBE_ADDRESS"):
        make_site(UNSUBSCRIBE_ADDRESS=address)


def test_email_without_a_topic_has_no_such_header(
    site: Application, alice: User, mails: MailServer
) -> None:
    with site.app_context(), unit_of_work():
        send_mail_later(alice.email, "mail/test")
    send_due(site)
    assert mails.messages[0]["List-Unsubscribe"] is None


def test_email_without_a_topic_is_sent_to_a_user_who_wants_no_topic(
    site: Application, alice: User, as_reader: Client, mails: MailServer
) -> None:
    as_reader.submit("/account/mail", topics=[])
    as_reader.submit("/reset", email=alice.email)
    assert send_due(site) == ["sent"]


def test_an_opt_in_topic_is_sent_only_to_users_who_have_chosen_it(
    site: Application, alice: User, as_reader: Client, outbox: Outbox
) -> None:
    write_week(site, alice, TIPS)
    assert outbox() == []
    as_reader.submit("/account/mail", topics=["tips"])
    write_week(site, alice, TIPS)
    assert len(outbox()) == 1


def test_a_disabled_account_gets_no_optional_email(
    site: Application, alice: User, outbox: Outbox
) -> None:
    write_week(site, alice)
    change(site, alice, disabled_at=now())
    write_week(site, alice)
    assert send_due(site) == ["withheld"]
    assert len(outbox()) == 1


def test_an_account_that_will_be_deleted_gets_no_optional_email(
    site: Application, alice: User, outbox: Outbox
) -> None:
    with site.app_context(), unit_of_work():
        db.session.add(Deletion(user_id=alice.id, due_at=now()))
    write_week(site, alice)
    assert outbox() == []


def test_a_user_gets_a_limited_number_of_optional_emails_a_day(
    make_site: MakeSite, alice: User, bob: User, outbox: Outbox, clock: Clock
) -> None:
    site = make_site(OPTIONAL_MAIL_DAILY_LIMIT=2)
    for _ in range(4):
        write_week(site, alice)
    write_week(site, bob)
    assert [mail.recipient for mail in outbox()] == [alice.email] * 2 + [bob.email]
    clock.forward(days=1, minutes=1)
    write_week(site, alice)
    assert len(outbox()) == 4


def test_a_rolled_back_email_does_not_count(
    make_site: MakeSite, alice: User, outbox: Outbox
) -> None:
    site = make_site(OPTIONAL_MAIL_DAILY_LIMIT=1)
    with site.app_context(), suppress(ZeroDivisionError), unit_of_work():
        send_mail_later(alice.email, "weekly/mail/summary", topic=WEEKLY, name="Alice")
        raise ZeroDivisionError
    write_week(site, alice)
    assert len(outbox()) == 1


def test_it_can_be_written_outside_a_unit_of_work(
    site: Application, alice: User, outbox: Outbox
) -> None:
    with site.app_context():
        send_mail_later(alice.email, "weekly/mail/summary", topic=WEEKLY, name="Alice")
    assert len(outbox()) == 1


def test_an_address_without_an_account_is_refused(site: Application) -> None:
    with site.app_context(), unit_of_work(), pytest.raises(NotAUser, match="without an account"):
        send_mail_later("eve@example.com", "weekly/mail/summary", topic=WEEKLY, name="Eve")


def test_a_topic_that_is_not_declared_is_refused(site: Application, alice: User) -> None:
    other = Topic("other", "Other")
    with site.app_context(), unit_of_work(), pytest.raises(TopicUnknown, match="is not declared"):
        send_mail_later(alice.email, "weekly/mail/summary", topic=other, name="Alice")


@pytest.mark.parametrize("name", ["", "Weekly", "a b", "a" * 41, "wöchentlich"])
def test_a_topic_needs_a_plain_name(name: str) -> None:
    with pytest.raises(ValueError, match="not a name of a topic"):
        Topic(name, "Your week")


def test_two_topics_of_one_name_stop_the_start(site: Application) -> None:
    topics.add(site, Topic("weekly", "Another week"))
    output = site.test_cli_runner().invoke(args=["doctor"]).output
    assert "error  2 topics of optional email are named 'weekly'" in output
