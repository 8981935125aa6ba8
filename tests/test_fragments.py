"""What is written once for everybody says nothing of anybody."""

from pathlib import Path

import pytest
from flask_babel import force_locale
from jinja2 import Environment, meta, nodes

from app.application import Application
from app.fragments import begin_page
from app.preferences.definitions import LOCALES
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


SPITEFUL = """/a?b=%(token)s&c="><b>'100%'"""
NAMED = {"token": SPITEFUL, "here": SPITEFUL}
CALLS = [
    ("head", ["dark"], {}),
    ("brand", [], {}),
    ("theme_switch", ["dark", "theme-switch"], NAMED),
    ("language_switch", ["de"], NAMED),
    ("nav", ["pages.home", "dark", "de"], NAMED),
    ("visitor_nav", ["auth.login", "dark", "de", True], NAMED),
    ("visitor_nav", ["auth.login", "dark", "de", False], NAMED),
    ("login_notice", [True], {"seconds": 59, **NAMED}),
    ("login_notice", [False], {"seconds": 59, **NAMED}),
]


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize(("name", "values", "named"), CALLS)
def test_a_value_that_is_put_in_reads_as_if_the_macro_had_written_it(
    name: str, values: list[object], named: dict[str, object], language: str, app: Application
) -> None:
    with app.test_request_context(), force_locale(language):
        module = app.jinja_env.get_template(f"fragments/{name}.html").module
        written = getattr(module, name)(*values, **named)
        assert begin_page()["fragment"](name, *values, **named) == written  # type: ignore[operator]


def test_every_fragment_is_among_them() -> None:
    assert {name for name, *_ in CALLS} == {file.stem for file in FRAGMENTS}


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
