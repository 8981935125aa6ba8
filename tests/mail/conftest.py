"""A site that sends to the test mail server, with an email template of the tests."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jinja2 import ChoiceLoader, FileSystemLoader

from app.application import Application
from app.mail.outbox import send_mail_later
from app.mail.sending import OUTBOX
from app.unit_of_work import unit_of_work

MakeSite = Callable[..., Application]


@pytest.fixture
def make_site(make_app: Callable[..., Application]) -> MakeSite:
    """Return a function that makes a site which sends to a mail server: make_site(mails.url)."""

    def make(url: str = "", *views: Any, **settings: Any) -> Application:
        sender = {"MAIL_URL": url, "MAIL_FROM": "Example <no-reply@example.com>"}
        site = make_app(*views, WTF_CSRF_ENABLED=False, **sender, **settings)
        templates = FileSystemLoader(Path(__file__).parent / "templates")
        site.jinja_loader = ChoiceLoader([templates, site.jinja_loader or templates])
        return site

    return make


def write(site: Application, to: str = "alice@example.com", **values: Any) -> None:
    """Add an email to the outbox, outside a request."""
    with site.app_context(), unit_of_work():
        send_mail_later(to, "greeting/mail/hello", **{"name": "Alice", **values})


def send_due(site: Application) -> list[str]:
    """Send all due emails, and return their new states."""
    with site.app_context():
        return list(iter(OUTBOX.process_next, None))
