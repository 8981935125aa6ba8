"""A part adds links to the navigation, as docs/interface.md prints."""

from collections.abc import Callable

import pytest
from flask import Blueprint, render_template_string

from app.application import Application
from app.sessions.guards import public
from app.users.models import User
from tests.client import Client
from tests.conftest import signed_in, visitor
from tests.documented_examples import example_with

pytestmark = pytest.mark.usefixtures("without_product")

PAGE = """{% extends "layout.html" %}
{% from "components/back_link.html" import back_link %}
{% block title %}Notes{% endblock %}
{% block content %}
{{ back_link("notes.folder", "Back", name="a b", page=2) }}
<h1>Notes</h1>
{% endblock %}
"""


@pytest.fixture
def notes(make_app: Callable[..., Application]) -> Application:
    views = Blueprint("notes", __name__)

    @views.get("/notes", endpoint="notes")
    @views.get("/folders/<name>", endpoint="folder")
    @views.get("/pricing", endpoint="pricing")
    @public
    def show(name: str = "") -> str:
        return render_template_string(PAGE)

    app = make_app(views)
    example_with("interface.md", "NavigationLink(").init_app(app)
    return app


def navigation(client: Client, path: str) -> dict[str, str]:
    """Return the text of each link in the navigation, by its URL."""
    page = client.page(path)
    nav = page.one("nav", **{"aria-label": "Main"})
    return {link.get("href"): link.text for link in page.within(nav, "a")}


def current(client: Client, path: str) -> list[str]:
    page = client.page(path)
    return [link.get("href") for link in page.all("a") if link.get("aria-current")]


def test_users_see_the_links_of_a_part_before_their_account(
    notes: Application, alice: User
) -> None:
    links = navigation(signed_in(notes, alice), "/account")
    assert list(links) == ["/notes", "/folders/shared", "/pricing", "/account", "/preferences"]
    assert [*links.values()][:3] == ["Notes", "Shared notes", "Pricing"]


def test_visitors_see_the_links_for_visitors_only(notes: Application) -> None:
    assert list(navigation(visitor(notes), "/")) == ["/pricing", "/login"]


def test_the_link_to_the_current_page_is_marked(notes: Application, alice: User) -> None:
    client = signed_in(notes, alice)
    for path in ("/notes", "/folders/shared", "/pricing", "/account"):
        assert current(client, path) == [path]
    assert current(visitor(notes), "/pricing") == ["/pricing"]


def test_a_page_with_other_values_in_its_url_is_not_marked(
    notes: Application, alice: User
) -> None:
    assert current(signed_in(notes, alice), "/folders/private") == []


def test_a_back_link_has_the_values_of_its_url(notes: Application) -> None:
    page = visitor(notes).page("/pricing")
    assert page.one("a", **{"class": "back-link"}).get("href") == "/folders/a%20b?page=2"


def test_the_links_are_those_of_one_application_only(client: Client, notes: Application) -> None:
    assert "/pricing" not in navigation(client, "/")
