"""Every text on a page and in an email goes through gettext.

The site is rendered in a pseudo-language in which every translated text is in brackets. Text
outside of brackets is missing from the catalog.
"""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo

from app.application import Application
from app.dev.sample_mails import URLS, VALUES
from app.mail.templates import render_mail
from app.preferences.definitions import LOCALES
from app.preferences.languages import babel, translator
from app.users.models import User
from app.web.i18n import translations_for
from config import Config
from tests.client import Client
from tests.conftest import signed_in, visitor
from tests.framework.catalogs import in_every_language, messages, translation
from tests.framework.starter import is_products, is_products_module
from tests.page import Page

ROOT = Path(__file__).parent.parent.parent
TEMPLATES = ROOT / "app" / "templates"
MAILS = sorted(
    mail
    for path in TEMPLATES.glob("**/mail/*.txt")
    if not is_products(mail := str(path.relative_to(TEMPLATES).with_suffix("")))
)
# Never translated: the names of the site and of languages, addresses, and dates.
OWN_WORDS = [
    re.escape(Config.APP_NAME),
    *LOCALES.values(),
    r"\w+@example\.com",
    r"https?://\S+",
    "März",
    "UTC",
]
TEXT_ATTRIBUTES = {"alt", "aria-label", "content", "placeholder", "title"}
NOT_WORDS = {"code", "option", "pre", "style", "time"}


class PageText(HTMLParser):
    """The text of a page, visible or for screen readers, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.skipped: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in NOT_WORDS:
            self.skipped.append(tag)
        if tag != "meta" or ("name", "description") in attrs:
            self.text += "".join(
                f"\n{value}\n" for name, value in attrs if name in TEXT_ATTRIBUTES
            )

    def handle_endtag(self, tag: str) -> None:
        if tag in NOT_WORDS:
            self.skipped.pop()

    def handle_data(self, data: str) -> None:
        if not self.skipped:
            self.text += data


def untranslated(text: str) -> list[str]:
    """Return the lines with letters outside of brackets."""
    text = re.sub("|".join(OWN_WORDS), "", text)
    inside = 1
    while inside:
        text, inside = re.subn(r"⟦[^⟦⟧]*⟧", "", text)
    return [line.strip() for line in text.splitlines() if re.search(r"[^\W\d_]{3}", line)]


@pytest.fixture
def bracketed(make_app: Callable[..., Application], tmp_path: Path) -> Iterator[Application]:
    """The site, with English in brackets as its German translation."""
    catalog = Catalog(locale="de")
    for message in messages(translation("de")).values():
        plural = isinstance(message.id, tuple)
        forms = [f"⟦{form}⟧" for form in (message.id if plural else [message.id])]
        catalog.add(message.id, tuple(forms) if plural else forms[0])
    folder = tmp_path / "de" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as file:
        write_mo(file, catalog)
    app = make_app(BABEL_TRANSLATION_DIRECTORIES=str(tmp_path))
    clear_translation_caches(app)
    yield app
    clear_translation_caches(app)


def clear_translation_caches(app: Application) -> None:
    """Clear the caches of translations, which all applications in a process share."""
    translator.cache_clear()
    translations_for.cache_clear()
    with app.app_context():
        babel.domain_instance.cache.clear()


def paths(app: Application) -> list[str]:
    """Return the starter's pages without an argument; those of development are in English only."""
    return [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and not rule.arguments
        and not rule.rule.startswith("/dev")
        and not is_products_module(app.view_functions[rule.endpoint].__module__)
    ]


def assert_all_is_translated(browser: Client, app: Application) -> None:
    seen = 0
    for path in [*paths(app), "/nowhere"]:
        response = browser.get(path, headers={"Accept-Language": "de"})
        if response.mimetype == "text/html" and response.status_code in {200, 404}:
            seen += 1
            assert untranslated(PageText(response.text).text) == [], path
    assert seen > 5


def test_every_page_of_a_visitor_is_translated(bracketed: Application) -> None:
    assert_all_is_translated(visitor(bracketed), bracketed)


def test_every_page_of_a_user_is_translated(bracketed: Application, alice: User) -> None:
    assert_all_is_translated(signed_in(bracketed, alice), bracketed)


@pytest.mark.parametrize("path", ["/login", "/register", "/reset"])
def test_a_form_with_errors_is_translated(bracketed: Application, path: str) -> None:
    browser = visitor(bracketed)
    browser.submit("/preferences", locale="de")
    response = browser.submit(path, email="nobody")
    assert response.status_code == 422
    assert untranslated(PageText(response.text).text) == []


def test_the_refusal_of_a_form_without_a_token_is_translated(bracketed: Application) -> None:
    response = visitor(bracketed).post("/login", headers={"Accept-Language": "de"})
    assert response.status_code == 400
    assert untranslated(PageText(response.text).text) == []


@pytest.mark.parametrize("template", MAILS)
def test_every_email_is_translated(bracketed: Application, template: str) -> None:
    with bracketed.app_context():
        mail = render_mail(template, "de", VALUES)
    assert untranslated(f"{mail.subject}\n{mail.text}") == []
    assert untranslated(PageText(mail.html).text) == []


@pytest.mark.parametrize("template", MAILS)
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


@in_every_language
def test_a_mail_is_written_in_the_language_of_its_reader(app: Application, locale: str) -> None:
    with app.app_context():
        mail = render_mail("accounts/mail/confirm", locale, VALUES)
    assert mail.subject == translation(locale)["Confirm your email address"].string
    assert f'<html lang="{locale}"' in mail.html
