"""A site with a weekly email, which it sends to the test mail server."""

from collections.abc import Callable
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

import pytest

from app.application import Application
from app.database import db
from app.mail.sending import OUTBOX
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.client import Client
from tests.conftest import signed_in
from tests.mail_server import MailServer
from tests.mail_topics import weekly

SENDER = "Notes <no-reply@example.com>"
MakeSite = Callable[..., Application]


@pytest.fixture
def make_site(make_app: Callable[..., Application], mails: MailServer) -> MakeSite:
    """Make a site with the product: make_site(OPTIONAL_MAIL_DAILY_LIMIT=1)."""

    def make(**settings: Any) -> Application:
        site = make_app(MAIL_URL=mails.url, MAIL_FROM=SENDER, **settings)
        weekly.init_app(site)
        return site

    return make


@pytest.fixture
def site(make_site: MakeSite) -> Application:
    return make_site()


@pytest.fixture
def as_reader(site: Application, alice: User) -> Client:
    """Alice's browser, in which she is signed in to the site with the product."""
    return signed_in(site, alice)


@pytest.fixture
def link(site: Application, alice: User, mails: MailServer) -> str:
    """The path in the List-Unsubscribe header of an email to Alice."""
    write_week(site, alice)
    assert send_due(site) == ["sent"]
    return unsubscribe_path(mails.messages[-1])


def write_week(site: Application, user: User, topic: Any = weekly.WEEKLY) -> None:
    """Add a weekly email to the outbox, with the current address of the user."""
    with site.app_context(), unit_of_work():
        weekly.mail_week(db.session.get_one(User, user.id), topic)


def send_due(site: Application) -> list[str]:
    """Send all due emails, and return their new states."""
    with site.app_context():
        return list(iter(OUTBOX.process_next, None))


def unsubscribe_path(mail: EmailMessage) -> str:
    """Return the path of the https URL in List-Unsubscribe, as an email program reads it."""
    first = mail["List-Unsubscribe"].split(",")[0].strip()
    assert (first[0], first[-1]) == ("<", ">")
    return urlsplit(first[1:-1]).path


def click_once(client: Client, path: str) -> int:
    """Unsubscribe as an email program does (RFC 8058, 3.1); return the status."""
    return client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code


def gets_mail(site: Application, user: User) -> bool:
    write_week(site, user)
    return send_due(site) == ["sent"]
