"""Every email template, rendered with sample values."""

import html

import pytest
from flask.testing import FlaskClient

from app.application import Application
from app.dev.sample_mails import URLS, VALUES, list_mails
from app.mail.templates import render_mail
from tests.client import Client
from tests.conftest import visitor
from tests.databases import on_sqlite
from tests.framework.starter import is_products
from tests.framework.templates import MAILS
from tests.page import Page


def test_every_email_template_is_listed(site: Application) -> None:
    page = visitor(site).page("/dev/mail")
    links = {link.get("href") for link in page.all("a")}
    assert {f"/dev/mail/sample/{mail}" for mail in MAILS} <= links
    with site.app_context():
        assert set(list_mails()) == set(MAILS)


@on_sqlite
@pytest.mark.parametrize("mail", sorted({mail for mail in MAILS if not is_products(mail)}))
def test_a_template_is_shown_as_text_and_html(site: Application, mail: str) -> None:
    page = visitor(site).page(f"/dev/mail/sample/{mail}")
    assert page.one("iframe").get("src") == f"/dev/mail/sample/{mail}/html"
    site.test_client_class = (
        FlaskClient  # The other client rejects inline styles, which emails need.
    )
    response = site.test_client().get(f"/dev/mail/sample/{mail}/html")
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert page.one("h1").text in html.unescape(response.text)


def test_a_page_template_is_not_an_email(site: Application) -> None:
    visitor(site).page("/dev/mail/sample/accounts/login", status=404)


def test_production_has_no_such_page(client: Client) -> None:
    client.page("/dev/mail/sample/accounts/mail/reset", status=404)


@on_sqlite
@pytest.mark.parametrize("template", [mail for mail in MAILS if not is_products(mail)])
def test_text_and_html_of_an_email_have_the_same_links(app: Application, template: str) -> None:
    """The button has the URL of the text, and a label that is not a URL."""
    urls = {name: f"https://example.com/{name}" for name in URLS}
    with app.app_context():
        mail = render_mail(template, "en", {**VALUES, **urls})
    links = Page(mail.html).all("a")
    said = {url for url in urls.values() if url in mail.text.split()}
    assert {link.get("href") for link in links} & set(urls.values()) == said
    buttons = [link for link in links if any(it.get("class") == "button" for it in link.inside)]
    assert bool(buttons) == bool(said)
    assert not any("://" in button.text for button in buttons)
