"""R16: `g` has only the names that a class declares, and their values end with the request."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask import g as flask_g

from app.application import Application
from app.request_globals import RequestGlobals, g
from app.unit_of_work import unit_of_work
from tests.view_site import Site


class NoteGlobals:
    """The names on `g` that a product declares."""

    note_count: int = 0
    notebook: str | None = None

    INHERITED = frozenset({"notebook"})


def test_a_name_that_no_class_declares_is_rejected(app: Application) -> None:
    with app.app_context(), pytest.raises(AttributeError, match=r"g\.note_count is not declared"):
        flask_g.note_count = 1


def test_an_undeclared_name_in_a_view_fails_its_test(site: Site) -> None:
    @site.view("GET")
    def act() -> str:
        flask_g.visited = True
        return ""

    with pytest.raises(AttributeError, match=r"g\.visited is not declared"):
        site.get()


def test_a_product_declares_names_of_its_own(make_app: Callable[..., Application]) -> None:
    app = make_app()
    app.declare_globals(NoteGlobals)
    with app.app_context():
        own: Any = g
        own.note_count += 1
        own.notebook = "recipes"
        with unit_of_work():
            assert (own.note_count, own.notebook) == (0, "recipes"), "only INHERITED names"
        assert own.note_count == 1


def test_every_declared_name_has_its_default(app: Application) -> None:
    with app.app_context():
        for cls in (RequestGlobals, Flask.app_ctx_globals_class):
            assert issubclass(app.app_ctx_globals_class, cls)
        assert (g.commit_later, g.view_failed, g.query_count) == (False, False, 0)
        assert (g.unit, g.user_id, g.expired_form) == (None, None, None)


def test_no_value_is_kept_for_the_next_request(site: Site) -> None:
    seen: list[tuple[Any, ...]] = []

    @site.view("POST")
    def act() -> str:
        seen.append((g.user_id, g.csp_nonce, g.view_failed, g.commit_later))
        g.user_id, g.csp_nonce, g.view_failed, g.commit_later = 1, "nonce", True, True
        return ""

    site.post()
    site.post()
    assert seen == [(None, None, False, False)] * 2
