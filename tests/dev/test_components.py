"""The component gallery, which exists only in debug mode."""

import re
from collections.abc import Callable
from pathlib import Path

from app.application import Application
from tests.conftest import visitor

TEMPLATES = Path(__file__).parent.parent.parent / "app/templates"
# Macros that forms use: every form of the gallery shows them.
WITHIN_A_FORM = re.compile(r"\w+_field|field\w*|error_summary|theme_picture")


def test_the_gallery_exists_in_debug_mode(make_app: Callable[..., Application]) -> None:
    page = visitor(make_app(DEBUG=True)).page("/dev/components")
    assert "Please check your entries" in page.text
    assert "Nothing here yet" in page.text


def test_the_gallery_does_not_exist_in_production(make_app: Callable[..., Application]) -> None:
    assert visitor(make_app()).get("/dev/components").status_code == 404


def test_the_gallery_shows_every_component() -> None:
    gallery = (TEMPLATES / "dev/components.html").read_text()
    for file in (TEMPLATES / "components").glob("*.html"):
        for macro in re.findall(r"{%-? macro (\w+)", file.read_text()):
            shown = re.search(rf"import .*\b{macro}\b", gallery) or WITHIN_A_FORM.fullmatch(macro)
            assert shown, f"Add {macro} to dev/components.html."
