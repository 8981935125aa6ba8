"""docs/staff.md: its page of staff works as printed, and is as short as it says."""

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from jinja2 import ChoiceLoader, DictLoader

from app.application import Application
from app.audit.models import SecurityEvent
from app.users.models import User
from tests.conftest import signed_in
from tests.framework.printed_examples import ROOT, examples

pytestmark = pytest.mark.usefixtures("without_product")

FILES = examples(ROOT / "docs/staff.md")
CODE = "app/moderation/__init__.py"
PAGE = "app/templates/moderation/moderation.html"


@pytest.fixture
def moderation(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The part of the page. The events stand in for the table of notes."""
    notes = ModuleType("app.notes.models")
    notes.Note = SecurityEvent  # type: ignore[attr-defined]  # a module made here
    monkeypatch.setitem(sys.modules, "app.notes", ModuleType("app.notes"))
    monkeypatch.setitem(sys.modules, "app.notes.models", notes)
    module = ModuleType("app.moderation")
    exec(compile(FILES[CODE], CODE, "exec"), module.__dict__)  # noqa: S102  # our own document
    return module


@pytest.fixture
def site(moderation: Any, make_app: Callable[..., Application]) -> Application:
    app = make_app()
    moderation.init_app(app)
    printed = {"moderation/moderation.html": FILES[PAGE].replace("note.title", "note.label")}
    assert app.jinja_loader is not None
    app.jinja_loader = ChoiceLoader([DictLoader(printed), app.jinja_loader])
    return app


def test_the_page_is_open_to_its_role_only(
    site: Application, alice: User, staff: Callable[..., User]
) -> None:
    moderator = signed_in(site, staff("moderator"))
    page = moderator.page("/staff/notes")
    assert page.one("a", href="/staff/notes").text == "Notes", "in the navigation"
    assert signed_in(site, staff("support")).get("/staff/notes").status_code == 404
    assert signed_in(site, alice).get("/staff/notes").status_code == 404
    assert signed_in(site, staff("admin")).get("/staff/notes").status_code == 200


def test_it_lists_the_rows(site: Application, alice: User, staff: Callable[..., User]) -> None:
    admin = signed_in(site, staff("admin"))
    admin.get(f"/staff/people/{alice.id}")
    assert "Account viewed" in admin.page("/staff/notes").text


def test_it_has_fewer_than_40_lines() -> None:
    lines = (FILES[CODE] + FILES[PAGE]).splitlines()
    assert len([line for line in lines if line.strip()]) < 40
