"""The access table (P3): the status of every route for each kind of user."""

from collections.abc import Callable

import pytest
from flask import Blueprint
from flask.typing import ResponseReturnValue
from werkzeug.routing import Rule

from app.application import Application
from tests.framework.access_table import (
    DOCUMENT,
    Line,
    all_lines,
    document,
    kinds,
    missing_lines,
    routes,
    status_for,
)

LINES = all_lines()


def find_rule(app: Application, route: str) -> Rule:
    rules = dict(routes(app))
    assert route in rules, f"There is no route {route}: remove its line from the access table."
    return rules[route]


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.route)
def test_each_kind_of_user_gets_the_status_in_the_table(app: Application, line: Line) -> None:
    rule = find_rule(app, line.route)
    found = {kind.name: status_for(kind, app, line.route, rule) for kind in kinds(app)}
    assert found == {kind.name: line.expected(kind) for kind in kinds(app)}


def test_every_route_has_one_line(app: Application) -> None:
    known = [line.route for line in LINES]
    assert len(known) == len(set(known)), "A route is in two tables."
    missing = missing_lines(app, known)
    assert not missing, missing


def test_the_line_that_a_route_lacks_is_printed(
    make_app: Callable[..., Application],
) -> None:
    views = Blueprint("forgotten", __name__)

    @views.route("/forgotten/<int:number>", methods=["GET", "POST"])
    def forgotten(number: int) -> ResponseReturnValue:
        return {"number": number}

    message = missing_lines(make_app(views), [line.route for line in LINES])
    assert "GET /forgotten/<int:number>, POST /forgotten/<int:number>: no line in the" in message
    assert "add to tests/access.py:\n\n" in message
    assert "GET /forgotten/<int:number>   sign-in      200\n" in message
    assert "POST /forgotten/<int:number>  sign-in      200\n" in message


def test_the_document_shows_the_table() -> None:
    advice = "Run `.venv/bin/python -m tests.framework.access_table`."
    assert DOCUMENT.read_text() == document(), advice
