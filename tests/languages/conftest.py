"""The site in brackets, and a page that shows a time, a date and a number."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from flask import Blueprint, render_template_string
from flask_babel import format_decimal

from app.application import Application
from app.preferences.localization import babel, translator
from app.sessions.guards import public
from app.web.i18n import translations_for
from tests.client import Client
from tests.conftest import visitor
from tests.languages.catalogs import TRANSLATION, messages, translation

MOMENT = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
DATE = '{% from "components/date.html" import date %}{{ date(moment) }}'


@pytest.fixture
def browser(make_app: Callable[..., Application]) -> Client:
    views = Blueprint("views", __name__)

    @views.get("/moment")
    @public
    def moment() -> list[str]:
        when = render_template_string("{{ moment|datetimeformat('short') }}", moment=MOMENT)
        day = render_template_string(DATE, moment=MOMENT)
        return [when.replace("\u202f", " "), day, format_decimal(1234.5)]

    return visitor(make_app(views))


@pytest.fixture
def bracketed(make_app: Callable[..., Application], tmp_path: Path) -> Iterator[Application]:
    """The site, with English in brackets as its translation."""
    catalog = Catalog(locale=TRANSLATION)
    for message in messages(translation(TRANSLATION)).values():
        plural = isinstance(message.id, tuple)
        forms = [f"⟦{form}⟧" for form in (message.id if plural else [message.id])]
        catalog.add(message.id, tuple(forms) if plural else forms[0])
    folder = tmp_path / TRANSLATION / "LC_MESSAGES"
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
