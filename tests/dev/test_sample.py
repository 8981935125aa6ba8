"""The gallery: every mail there is, before anybody is sent one."""

import pytest
from flask.testing import FlaskClient

from app.application import Application
from app.dev.sample_mails import list_mails
from tests.client import Client
from tests.conftest import visitor
from tests.starter import is_products
from tests.test_pages_and_mails import MAILS


def test_every_mail_hangs_in_the_gallery(site: Application) -> None:
    page = visitor(site).page("/dev/mail")
    links = {link.get("href") for link in page.all("a")}
    assert {f"/dev/mail/sample/{mail}" for mail in MAILS} <= links
    with site.app_context():
        assert set(list_mails()) == set(MAILS)


@pytest.mark.parametrize("mail", sorted({mail for mail in MAILS if not is_products(mail)}))
def test_a_mail_is_shown_in_both_forms(site: Application, mail: str) -> None:
    page = visitor(site).page(f"/dev/mail/sample/{mail}")
    assert page.one("iframe").get("src") == f"/dev/mail/sample/{mail}/letter"
    site.test_client_class = FlaskClient  # A mail has styles in it, which no page of ours may.
    letter = site.test_client().get(f"/dev/mail/sample/{mail}/letter")
    assert "sandbox" in letter.headers["Content-Security-Policy"]
    assert page.one("h1").text in letter.text


def test_a_visitor_reads_them_in_their_language(site: Application) -> None:
    address = "/dev/mail/sample/accounts/mail/reset"
    response = visitor(site).get(address, headers={"Accept-Language": "de"})
    assert "Neues Passwort" in response.text


def test_what_is_no_mail_is_not_found(site: Application) -> None:
    visitor(site).page("/dev/mail/sample/accounts/login", status=404)


def test_production_has_no_gallery(client: Client) -> None:
    client.page("/dev/mail/sample/accounts/mail/reset", status=404)
