"""Every text of the site is translated into every language it offers."""

import re
import subprocess
import sys
from gettext import GNUTranslations
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.catalog import Message as Word
from babel.messages.pofile import read_po

from app.preferences.locales import TRANSLATIONS
from tests.client import Client
from tests.framework.starter import is_products
from tests.languages.catalogs import in_every_language, messages, translation
from tests.page import Page

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The texts of the site, extracted as `make translations` does."""
    template = tmp_path_factory.mktemp("words") / "messages.pot"
    extract = [
        "-q",
        "extract",
        "-F",
        "pyproject.toml",
        "-k",
        "lazy_gettext",
        "-o",
        str(template),
        "app",
    ]
    command = [sys.executable, "-c", "from babel.messages.frontend import main; main()", *extract]
    subprocess.run(command, cwd=ROOT, check=True)
    with template.open("rb") as file:
        return read_po(file)


def forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def is_starters(message: Word) -> bool:
    """Return whether a file of the starter has this text; those of the product are only advice."""
    return not all(is_products(path.removeprefix("app/")) for path, _ in message.locations)


def marks(text: str) -> list[str]:
    """Return what a translation must keep: placeholders, and tags of a page."""
    return sorted(re.findall(r"%\(\w+\)[sd]|%%|</?\w+[^>]*>", text))


@in_every_language
def test_every_text_is_extracted_and_no_unused_one_remains(locale: str, words: Catalog) -> None:
    known, needed = messages(translation(locale)), messages(words)
    missing = {word for word in needed if word not in known and is_starters(needed[word])}
    left_over = {word for word in known if word not in needed and is_starters(known[word])}
    assert (missing, left_over) == (set(), set()), "run `make translations`"


@in_every_language
def test_the_texts_of_the_product_are_translated(locale: str, words: Catalog) -> None:
    """Until they are, pages show them in English."""
    known = messages(translation(locale))
    own = [word for word, message in messages(words).items() if not is_starters(message)]
    missing = [word for word in own if word not in known or not all(forms(known[word].string))]
    if missing:
        pytest.skip(f"Not translated in {locale}; run `make translations`: {missing}")


@in_every_language
def test_every_text_is_translated_and_none_is_fuzzy(locale: str) -> None:
    open_ones = [
        message.id
        for message in messages(translation(locale)).values()
        if is_starters(message) and (message.fuzzy or not all(forms(message.string)))
    ]
    assert open_ones == []


@in_every_language
def test_a_translation_keeps_placeholders_and_tags(locale: str) -> None:
    for message in messages(translation(locale)).values():
        for form in filter(None, forms(message.string)):
            assert marks(form) == marks(forms(message.id)[0]), form


@in_every_language
def test_the_compiled_catalog_is_up_to_date(locale: str) -> None:
    with (TRANSLATIONS / locale / "LC_MESSAGES" / "messages.mo").open("rb") as file:
        compiled = GNUTranslations(file)
    for message in messages(translation(locale)).values():
        if isinstance(message.id, tuple):
            translated = [compiled.ngettext(*message.id, number) for number in (1, 2)]
        else:
            translated = [compiled.gettext(message.id)]
        if all(forms(message.string)) and not message.fuzzy:
            assert translated == forms(message.string), "run `make translations`"


@in_every_language
def test_a_visitor_reads_the_language_their_browser_asks_for(client: Client, locale: str) -> None:
    response = client.get("/login", headers={"Accept-Language": f"{locale}-AT, en;q=0.5"})
    page = Page(response.text)
    assert page.one("html").get("lang") == locale
    assert page.one("h1").text == translation(locale)["Sign in"].string


@in_every_language
def test_alice_reads_the_language_she_chose(as_alice: Client, locale: str) -> None:
    as_alice.submit("/preferences", locale=locale)
    page = as_alice.page("/account")
    assert page.one("html").get("lang") == locale
    assert page.one("h1").text == translation(locale)["Account"].string


@in_every_language
def test_messages_of_form_libraries_are_translated_too(as_alice: Client, locale: str) -> None:
    in_english = as_alice.submit("/preferences", theme="purple")
    as_alice.submit("/preferences", locale=locale)
    translated = as_alice.submit("/preferences", theme="purple")
    assert "valid choice" in errors(in_english.text)[0]
    assert "valid choice" not in errors(translated.text)[0]


def errors(html: str) -> list[str]:
    """Return the errors beside the fields."""
    lists = [element for element in Page(html).all("ul") if element.get("class") == "field-errors"]
    return [element.text.strip() for element in lists]
