"""Every email template, rendered with sample values."""

import pytest
from flask.testing import FlaskClient

from app.application import Application
from app.dev.sample_mails import list_mails
from tests.client import Client
from tests.conftest import visitor
from tests.framework.starter import is_products
from tests.framework.templates import MAILS


def test_every_email_template_is_listed(site: Application) -> None:
    page = visitor(site).page("/dev/mail")
    links = {link.get("href") for link in page.all("a")}
    assert {f"/dev/mail/sample/{mail}" for mail in MAILS} <= links
    with site.app_context():
        assert set(list_mails()) == set(MAILS)


@pytest.mark.parametrize("mail", sorted({mail for mail in MAILS if not is_products(mail)}))
def test_a_template_is_shown_as_text_and_html(site: Application, mail: str) -> None:
    page = visitor(site).page(f"/dev/mail/sample/{mail}")
    assert page.one("iframe").get("src") == f"/dev/mail/sample/{mail}/html"
    site.test_client_class = (
        FlaskClient  # The other client rejects inline styles, which emails need.
    )
    response = site.test_client().get(f"/dev/mail/sample/{mail}/html")
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert page.one("h1").text in response.text


def test_a_template_is_shown_in_the_language_of_the_visitor(site: Application) -> None:
    address = "/dev/mail/sample/accounts/mail/reset"
    response = visitor(site).get(address, headers={"Accept-Language": "de"})
    assert "Passwort zurücksetzen" in response.text


def test_a_page_template_is_not_an_email(site: Application) -> None:
    visitor(site).page("/dev/mail/sample/accounts/login", status=404)


def test_production_has_no_such_page(client: Client) -> None:
    client.page("/dev/mail/sample/accounts/mail/reset", status=404)
