"""What is written once for everybody says nothing of anybody."""

from pathlib import Path

import pytest
from jinja2 import Environment, meta, nodes

from app.application import Application
from tests.client import Client
from tests.conftest import visitor

TEMPLATES = Path(__file__).parent.parent / "app/templates"
FRAGMENTS = sorted(TEMPLATES.glob("fragments/*.html"))
# All that is the same at each request: words, addresses of pages, settings.
SAME_FOR_EVERYBODY = {"_", "url_for", "config", "LOCALES"}


def asked_for(template: Path) -> set[str]:
    """Return what a template takes from outside, and what those take that it imports from."""
    tree = Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(template.read_text())
    names = meta.find_undeclared_variables(tree)
    for other in tree.find_all((nodes.FromImport, nodes.Import, nodes.Include)):
        names |= asked_for(TEMPLATES / other.template.value)
    return names


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=lambda file: file.stem)
def test_a_fragment_looks_at_nothing_but_its_values(fragment: Path) -> None:
    others = asked_for(fragment) - SAME_FOR_EVERYBODY
    assert not others, (
        f"{fragment.name} asks for {others}: whoever comes next would be shown what was written "
        "for the one before. Give it a value instead, or write it in the page."
    )


def test_each_reads_the_frame_in_their_own_language(app: Application) -> None:
    german, english = visitor(app), visitor(app)
    assert "Anmelden" in german.get("/", headers={"Accept-Language": "de"}).text
    assert "Sign in" in english.get("/", headers={"Accept-Language": "en"}).text
    assert "Anmelden" in german.get("/", headers={"Accept-Language": "de"}).text


def test_a_site_that_is_mounted_in_two_places_leads_to_each(client: Client) -> None:
    assert 'href="/login"' in client.get("/").text
    assert 'href="/shop/login"' in client.get("/", base_url="http://localhost/shop").text
    assert 'href="/login"' in client.get("/").text


def test_alice_and_a_visitor_are_led_to_different_places(client: Client, as_alice: Client) -> None:
    for _ in range(2):
        assert "/account" in links(as_alice)
        assert "/account" not in links(client)


def links(browser: Client) -> list[str]:
    return [link.get("href") for link in browser.page("/preferences").all("a")]


def test_the_page_one_is_on_is_marked_and_no_other(as_alice: Client) -> None:
    for path in ("/account", "/preferences", "/account"):
        [current] = [
            link.get("href") for link in as_alice.page(path).all("a") if link.get("aria-current")
        ]
        assert current == path
