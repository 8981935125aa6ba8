"""An error page says what happened, what was kept and what to do next, and reveals no details."""

from typing import Any

import pytest
from flask import abort
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

from app.application import Application
from app.database import db
from app.unit_of_work import commit_later, unit_of_work
from app.users.models import User
from app.web.errors import ERROR_TEXTS
from tests.client import Client
from tests.databases import databases, on_postgresql
from tests.page import Page
from tests.view_site import Site, add, exceptions

CODES = [400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503]
PROGRAM = {"Accept": "application/json"}


@pytest.fixture
def failing(site: Site) -> Site:
    site.use_production_errors()
    site.view("GET", "POST", path="/fail/<int:code>")(abort)
    return site


def test_every_status_code_has_its_text() -> None:
    assert list(ERROR_TEXTS) == CODES


@pytest.mark.parametrize("code", CODES)
def test_a_browser_gets_an_error_page(code: int, failing: Site) -> None:
    response = failing.get(f"/fail/{code}")
    assert (response.status_code, response.mimetype) == (code, "text/html")
    page = Page(response.text)
    assert page.one("h1").text.startswith(str(code))
    assert [term.text for term in page.all("dt")] == [
        "What happened",
        "What was kept",
        "What to do next",
    ]
    assert response.headers["X-Request-ID"] in page.text


@pytest.mark.parametrize("accept", ["application/json", "application/problem+json"])
@pytest.mark.parametrize("code", CODES)
def test_a_program_gets_problem_json(code: int, accept: str, failing: Site) -> None:
    response = failing.get(f"/fail/{code}", headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (code, "application/problem+json")
    problem = response.json
    assert (problem["type"], problem["status"]) == ("about:blank", code)
    assert problem["title"]
    assert problem["detail"]
    assert problem["request_id"] == response.headers["X-Request-ID"]


@pytest.mark.parametrize("accept", ["", "*/*", "text/html,application/json;q=0.9", "image/png"])
def test_a_client_that_does_not_prefer_json_gets_the_page(accept: str, failing: Site) -> None:
    response = failing.get("/fail/404", headers={"Accept": accept})
    assert response.mimetype == "text/html"


@pytest.mark.parametrize("accept", ["", "*/*", "image/png", "a/b, " * 300])
@pytest.mark.parametrize("path", ["/api", "/api/nowhere"])
def test_under_api_a_client_without_a_preference_gets_json(
    accept: str, path: str, client: Client
) -> None:
    response = client.get(path, headers={"Accept": accept})
    assert (response.status_code, response.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize("path", ["/apiary", "/nowhere/api/"])
def test_other_paths_are_not_the_api(path: str, client: Client) -> None:
    assert client.get(path, headers={"Accept": "*/*"}).mimetype == "text/html"


def test_a_browser_gets_a_page_under_api_too(client: Client) -> None:
    accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    assert client.get("/api/nowhere", headers={"Accept": accept}).mimetype == "text/html"


def test_a_status_code_without_a_text_has_a_general_one(failing: Site) -> None:
    assert "could not be processed" in failing.get("/fail/418").text
    assert "on our side" in failing.get("/fail/502").text


@pytest.mark.parametrize("headers", [{}, PROGRAM])
def test_405_says_what_is_allowed(headers: dict[str, str], site: Site) -> None:
    site.view("GET")(lambda: {})
    response = site.post(headers=headers)
    assert response.status_code == 405
    assert {*response.headers["Allow"].split(", ")} == {"GET", "HEAD", "OPTIONS"}


@pytest.mark.parametrize("kind", [TooManyRequests, ServiceUnavailable])
@pytest.mark.parametrize("headers", [{}, PROGRAM])
def test_a_429_and_a_503_have_retry_after(kind: Any, headers: Any, site: Site) -> None:
    @site.view()
    def act() -> None:
        raise kind(retry_after=30)

    assert site.post(headers=headers).headers["Retry-After"] == "30"


@pytest.mark.parametrize("headers", [{}, PROGRAM])
def test_a_500_is_logged_once_and_shows_no_trace(headers: Any, site: Site, caplog: Any) -> None:
    site.use_production_errors()

    @site.view()
    def act() -> None:
        raise ValueError("the secret")

    response = site.post(headers=headers)
    assert response.status_code == 500
    assert "the secret" not in response.text
    assert "Traceback" not in response.text
    assert [str(record.exc_info[1]) for record in exceptions(caplog)] == ["the secret"]


def test_a_mistake_in_a_statement_is_a_500(site: Site, caplog: Any) -> None:
    site.use_production_errors()
    site.view()(lambda: db.session.execute(text("SELECT * FROM nowhere")))
    response = site.post()
    assert response.status_code == 500
    assert "nowhere" not in response.text
    assert len(exceptions(caplog)) == 1


@pytest.mark.parametrize("headers", [{}, PROGRAM])
def test_the_error_page_does_not_contain_the_database_error(
    headers: dict[str, str], site: Site, alice: Any, caplog: Any
) -> None:
    @site.view()
    def act() -> dict[str, str]:
        add("alice@example.com")
        commit_later()
        return {}

    response = site.post(headers=headers)
    assert response.status_code == 409
    assert "alice@example.com" not in response.text
    assert "users" in caplog.text
    assert exceptions(caplog) == []


UNSTORABLE = {
    "a number too large for the driver": ("UPDATE users SET id = :value", 2**70, True),
    "a number too large for its column": ("UPDATE users SET id = :value", 2**40, False),
    "a name too long": ("UPDATE users SET display_name = :value", "Alice " * 1000, False),
    "a NUL in a name": ("UPDATE users SET display_name = :value", "Al\0ice", False),
    "a day that is none": ("SELECT CAST(:value AS date)", "2026-13-77", False),
    "half a character": ("UPDATE users SET display_name = :value", "Al\ud800ice", True),
}


@pytest.mark.parametrize(
    ("database_url", "kind"),
    [
        (database, kind)
        for kind, (_, _, on_sqlite_too) in UNSTORABLE.items()
        for database in databases()
        if database == "postgresql" or on_sqlite_too
    ],
    indirect=["database_url"],
)
def test_an_unstorable_value_is_a_422_and_not_logged(
    kind: str, site: Site, alice: Any, caplog: Any
) -> None:
    statement, value, _ = UNSTORABLE[kind]
    site.use_production_errors()

    @site.view()
    def act() -> dict[str, str]:
        db.session.execute(text(statement), {"value": value})
        commit_later()
        return {}

    response = site.post()
    assert response.status_code == 422
    assert "Nothing was saved." in response.text
    assert exceptions(caplog) == []
    assert "database error" in caplog.text
    assert str(value)[:7] not in caplog.text


def test_a_database_error_contains_no_value_of_a_row(app: Application, alice: User) -> None:
    """The text of an error may end up in a log, in an error report or on a page."""
    values = {"email": alice.email, "display_name": "Private"}
    with app.app_context(), pytest.raises(IntegrityError) as refused, unit_of_work():
        db.session.execute(insert(User).values(values))
    assert "INSERT INTO users" in str(refused.value)
    assert "Private" not in str(refused.value)


@on_postgresql  # SQLite returns NULL.
def test_a_division_by_zero_in_a_statement_is_a_500(site: Site) -> None:
    site.use_production_errors()
    site.view()(lambda: db.session.execute(text("SELECT 1/0")))
    assert site.post().status_code == 500


@pytest.mark.parametrize("settings", [{"TESTING": True}, {"TESTING": False, "DEBUG": True}])
def test_a_developer_gets_the_exception_and_a_user_the_error_page(
    settings: dict[str, bool], site: Site, alice: Any
) -> None:
    site.settings |= settings

    @site.view(path="/act/<kind>")
    def act(kind: str) -> dict[str, str]:
        add("alice@example.com").created_at = None if kind == "taken" else "yesterday"  # type: ignore[assignment]  # the mistake under test
        commit_later()
        return {}

    with pytest.raises(Exception, match="tzinfo"):
        site.post("/act/mistake")
    assert site.post("/act/taken").status_code == 409
    assert site.connections == 0
