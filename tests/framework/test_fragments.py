"""A cached fragment contains nothing of the user for whom it was rendered."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Response, current_app, g, render_template_string
from flask_babel import force_locale, get_locale
from jinja2 import Environment, meta, nodes

from app.application import Application
from app.sessions.guards import public
from app.web.rendering.fragments import ValueInspected, fragments_in
from tests.client import Client
from tests.databases import on_sqlite
from tests.framework.templates import LANGUAGES, TEMPLATES

FRAGMENTS = sorted(TEMPLATES.glob("fragments/*.html"))
# The same for each request: texts, URLs of pages, settings.
SAME_FOR_ALL = {
    "_",
    "url_for",
    "config",
    "navigation_links",
    "LOCALES",  # part: languages
}


def undeclared_names(template: Path) -> set[str]:
    """Return the undeclared names of a template and of the templates it imports."""
    tree = Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(template.read_text())
    names = meta.find_undeclared_variables(tree)
    for other in tree.find_all((nodes.FromImport, nodes.Import, nodes.Include)):
        names |= undeclared_names(TEMPLATES / other.template.value)
    return names


@pytest.mark.parametrize("fragment", FRAGMENTS, ids=lambda file: file.stem)
def test_a_fragment_uses_nothing_but_its_values(fragment: Path) -> None:
    others = undeclared_names(fragment) - SAME_FOR_ALL
    assert not others, (
        f"{fragment.name} uses {others}, so that a user could get text rendered for "
        "another one. Pass it as a value, or render it in the page."
    )


MALICIOUS = """/a?b=%(token)s&c="><b>'100%'"""
NAMED = {"token": MALICIOUS, "here": MALICIOUS}
CALLS = [
    ("head", ["dark"], {}),
    ("brand", [], {}),
    ("theme_switch", ["dark", "theme-switch"], NAMED),
    ("nav", ["pages.home", None, "dark", "en"], NAMED),
    ("visitor_nav", ["auth.login", None, "dark", "en", True], NAMED),
    ("visitor_nav", ["auth.login", None, "dark", "en", False], NAMED),
    ("login_notice", [True], {"seconds": 59, **NAMED}),
    ("login_notice", [False], {"seconds": 59, **NAMED}),
]


@on_sqlite
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("name", "values", "named"), CALLS)
def test_an_inserted_value_is_rendered_as_by_the_macro(
    name: str, values: list[object], named: dict[str, object], language: str, app: Application
) -> None:
    with app.test_request_context(), force_locale(language):
        module = app.jinja_env.get_template(f"fragments/{name}.html").module
        written = getattr(module, name)(*values, **named)
        assert fragments_in(get_locale())(name, *values, **named) == written


def test_every_fragment_is_tested() -> None:
    assert {name for name, *_ in CALLS} == {file.stem for file in FRAGMENTS}


def test_links_have_the_url_prefix_of_the_request(client: Client) -> None:
    assert 'href="/login"' in client.get("/").text
    assert 'href="/shop/login"' in client.get("/", base_url="http://localhost/shop").text
    assert 'href="/login"' in client.get("/").text


def test_alice_and_a_visitor_see_different_links(client: Client, as_alice: Client) -> None:
    for _ in range(2):
        assert "/account" in links(as_alice)
        assert "/account" not in links(client)


def links(browser: Client) -> list[str]:
    return [link.get("href") for link in browser.page("/preferences").all("a")]


def test_only_the_link_to_the_current_page_is_marked(as_alice: Client) -> None:
    for path in ("/account", "/preferences", "/account"):
        [current] = [
            link.get("href") for link in as_alice.page(path).all("a") if link.get("aria-current")
        ]
        assert current == path


# --- Inserted values -----------------------------------------------------------------------------

INSPECTIONS = {
    "{% if unread %}{{ unread }} unread{% endif %}": "a truth test",
    "{{ unread and 1 }}": "and",
    "{{ 'many' if unread > 9 }}": "a comparison",
    "{{ 'none' if unread == 0 }}": "equality",
    "{{ 'none' if 0 == unread }}": "equality, the other way round",
    "{{ 'one' if unread in (1, 2) }}": "membership",
    "{{ 'a' in unread }}": "containment",
    "{{ unread.count }}": "an attribute",
    "{{ unread['count'] }}": "an item",
    "{{ config[unread] }}": "a key",
    "{{ unread|length }}": "its length",
    "{{ unread|int }}": "a number",
    "{{ unread|upper }}": "a filter",
    "{{ unread|string }}": "a text",
    "{{ '{:>5}'.format(unread) }}": "formatting",
    "{{ '%5d'|format(unread) }}": "formatting a number",
    "{{ unread + 1 }}": "arithmetic",
    "{{ 2 * unread }}": "arithmetic, the other way round",
    "{{ unread|default('none', true) }}": "a default",
    "{{ unread() }}": "a call",
    "{{ 'a' ~ unread }}": "a text of it",
    "{% for it in unread %}{{ it }}{% endfor %}": "a loop",
    "{{ ngettext('%(num)d new', '%(num)d new', unread) }}": "a plural",
}
WRITES = {
    "{{ unread }} unread": "3&lt; unread",
    "<a title='{{ unread }}'>{{ unread|e }}</a>": "<a title='3&lt;'>3&lt;</a>",
    "{{ _('%(count)s new', count=unread) }}": "3&lt; new",
    "{% macro inner(it) %}<b>{{ it }}</b>{% endmacro %}{{ inner(unread) }}": "<b>3&lt;</b>",
}


@pytest.fixture
def fragment_of(
    make_app: Callable[..., Application], tmp_path: Path
) -> Callable[[str], Callable[[object], Any]]:
    """Return a function that renders a macro with this text and one value."""

    def make(text: str) -> Callable[[object], Any]:
        folder = tmp_path / "fragments"
        folder.mkdir()
        source = f"{{% macro bell(unread) -%}}{text}{{%- endmacro %}}"
        (folder / "bell.html").write_text(source)
        app = make_app(Blueprint("bell", __name__, template_folder=str(tmp_path)))

        def render(unread: object) -> Any:
            with app.test_request_context():
                return fragments_in(get_locale())("bell", unread=unread)

        return render

    return make


@pytest.mark.parametrize("text", INSPECTIONS, ids=INSPECTIONS.values())
def test_a_macro_that_inspects_a_named_value_is_rejected(
    fragment_of: Callable[[str], Callable[[object], Any]], text: str
) -> None:
    with pytest.raises(ValueInspected, match="inspects 'unread'"):
        fragment_of(text)(0)


@pytest.mark.parametrize("text", WRITES)
def test_a_macro_can_write_a_named_value(
    fragment_of: Callable[[str], Callable[[object], Any]], text: str
) -> None:
    render = fragment_of(text)
    assert render("3<") == WRITES[text]
    assert render("0") == WRITES[text].replace("3&lt;", "0")


# --- URLs with a language ------------------------------------------------------------------------


class ShopGlobals:
    shop_language: str


def test_urls_follow_the_recipe_of_flask_for_languages(
    make_app: Callable[..., Application], tmp_path: Path
) -> None:
    """https://flask.palletsprojects.com/en/stable/patterns/urlprocessors/"""
    folder = tmp_path / "fragments"
    folder.mkdir()
    source = '{% macro shops() %}<a href="{{ url_for("shop.offers") }}">{% endmacro %}'
    (folder / "shops.html").write_text(source)
    page = '{{ url_for("shop.basket") }} {{ fragment("shops") }}'
    views = Blueprint("shop", __name__, url_prefix="/<language>/shop", template_folder=tmp_path)

    @views.url_value_preprocessor
    def take_language(endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.shop_language = (values or {}).pop("language", None)

    @views.app_url_defaults
    def add_language(endpoint: str, values: dict[str, Any]) -> None:
        if "language" in values or "shop_language" not in g:
            return
        if current_app.url_map.is_endpoint_expecting(endpoint, "language"):
            values["language"] = g.shop_language

    @views.get("/")
    @public
    def offers() -> Response:
        return Response(render_template_string(page), mimetype="text/plain")

    @views.get("/basket")
    @public
    def basket() -> str:
        return ""

    app = make_app(views, TESTING=False)
    app.declare_globals(ShopGlobals)
    browser = app.test_client()
    for language in ("fr", "en", "pl", "fr", "en"):
        shown = browser.get(f"/{language}/shop/").text
        assert shown == f'/{language}/shop/basket <a href="/{language}/shop/">'
