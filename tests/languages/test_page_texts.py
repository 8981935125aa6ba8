"""Every text on a page goes through gettext.

The site is rendered in a pseudo-language in which every translated text is in brackets. Text
outside of brackets is missing from the catalog.
"""

import pytest

from app.application import Application
from app.users.models import User
from tests.client import Client
from tests.conftest import signed_in, visitor
from tests.framework.starter import is_products_module
from tests.languages.brackets import PageText, untranslated
from tests.languages.catalogs import TRANSLATION


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
        response = browser.get(path, headers={"Accept-Language": TRANSLATION})
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
    browser.submit("/preferences", locale=TRANSLATION)
    response = browser.submit(path, email="nobody")
    assert response.status_code == 422
    assert untranslated(PageText(response.text).text) == []


def test_the_refusal_of_a_form_without_a_token_is_translated(bracketed: Application) -> None:
    response = visitor(bracketed).post("/login", headers={"Accept-Language": TRANSLATION})
    assert response.status_code == 400
    assert untranslated(PageText(response.text).text) == []
