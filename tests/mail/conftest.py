"""A site that sends mail to a server of the test's own, with a template of the tests' own."""

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
    """Make a site that sends to a mail server: make_site(mails.url)."""

    def make(url: str = "", *views: Any, **settings: Any) -> Application:
        sender = {"MAIL_URL": url, "MAIL_FROM": "Lockstep <no-reply@example.com>"}
        site = make_app(*views, WTF_CSRF_ENABLED=False, **sender, **settings)
        theirs = FileSystemLoader(Path(__file__).parent / "templates")
        site.jinja_loader = ChoiceLoader([theirs, site.jinja_loader or theirs])
        return site

    return make


def write(site: Application, to: str = "alice@example.com", **values: Any) -> None:
    """Write a mail as a command does."""
    with site.app_context(), unit_of_work():
        send_mail_later(to, "greeting/mail/hello", **{"name": "Alice", **values})


def send_due(site: Application) -> list[str]:
    """Send what is due, and return what became of each."""
    with site.app_context():
        return list(iter(OUTBOX.work_next, None))
