"""Development reads its mails at /dev/mail, and production has no such page."""

import pytest

from app.application import Application
from tests.client import Client
from tests.conftest import visitor


def test_before_the_first_mail_it_says_so(site: Application) -> None:
    assert "No mails yet" in visitor(site).page("/dev/mail").text


@pytest.mark.usefixtures("written")
def test_every_mail_is_listed(site: Application) -> None:
    text = visitor(site).page("/dev/mail").text
    assert "Mail from Lockstep works" in text
    assert "alice@example.com" in text


def test_production_has_no_such_page(client: Client) -> None:
    client.page("/dev/mail", status=404)
