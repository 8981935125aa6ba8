"""The outbox page, which exists only in debug mode."""

import pytest

from app.application import Application
from app.cli.welcome import first_steps
from config import Config
from tests.client import Client
from tests.conftest import visitor


def test_an_empty_outbox_says_so(site: Application) -> None:
    assert "No emails yet" in visitor(site).page("/dev/mail").text


@pytest.mark.usefixtures("written")
def test_every_email_is_listed(site: Application) -> None:
    text = visitor(site).page("/dev/mail").text
    assert f"Test email from {Config.APP_NAME}" in text
    assert "alice@example.com" in text


def test_the_first_steps_say_where_emails_are_read(site: Application) -> None:
    with site.app_context():
        assert "http://127.0.0.1:5000/dev/mail" in first_steps(site)


def test_the_page_that_asks_to_check_the_email_links_to_the_outbox(site: Application) -> None:
    browser = visitor(site)
    response = browser.submit("/register", email="alice@example.com")
    page = browser.page(response.location)
    assert "/dev/mail" in {link.get("href") for link in page.all("a")}


def test_production_has_no_link_to_such_a_page(client: Client) -> None:
    response = client.submit("/register", email="alice@example.com")
    assert "/dev/mail" not in client.page(response.location).text


def test_production_has_no_such_page(client: Client) -> None:
    client.page("/dev/mail", status=404)
