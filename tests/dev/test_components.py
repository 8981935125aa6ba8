"""The pattern book, which only development has."""

import re
from collections.abc import Callable
from pathlib import Path

from app.application import Application
from tests.conftest import visitor

TEMPLATES = Path(__file__).parent.parent.parent / "app/templates"
# What the macros of a form are made of: seen in every form the book shows.
WITHIN_A_FORM = re.compile(r"\w+_field|field\w*|error_summary|theme_picture")


def test_development_shows_the_pattern_book(make_app: Callable[..., Application]) -> None:
    page = visitor(make_app(DEBUG=True)).page("/dev/components")
    assert "Please look at this again" in page.text
    assert "Nothing here yet" in page.text


def test_production_has_no_pattern_book(make_app: Callable[..., Application]) -> None:
    assert visitor(make_app()).get("/dev/components").status_code == 404


def test_no_component_is_left_out() -> None:
    book = (TEMPLATES / "dev/components.html").read_text()
    for file in (TEMPLATES / "components").glob("*.html"):
        for macro in re.findall(r"{%-? macro (\w+)", file.read_text()):
            shown = re.search(rf"import .*\b{macro}\b", book) or WITHIN_A_FORM.fullmatch(macro)
            assert shown, f"Show {macro} in dev/components.html, where people look for it."
