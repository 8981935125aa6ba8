"""The language, date format and time zone of a page."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Blueprint, render_template_string
from flask_babel import format_decimal

from app.application import Application
from app.preferences.definitions import LOCALES
from app.sessions.guards import public
from tests.client import Client
from tests.conftest import visitor

MakeApp = Callable[..., Application]
MOMENT = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
DATE = '{% from "components/date.html" import date %}{{ date(moment) }}'


@pytest.fixture
def browser(make_app: MakeApp) -> Client:
    views = Blueprint("views", __name__)

    @views.get("/moment")
    @public
    def moment() -> list[str]:
        when = render_template_string("{{ moment|datetimeformat('short') }}", moment=MOMENT)
        day = render_template_string(DATE, moment=MOMENT)
        return [when.replace("\u202f", " "), day, format_decimal(1234.5)]

    return visitor(make_app(views))


def language(client: Client, accepted: str | None = None, path: str = "/") -> str:
    headers = {"Accept-Language": accepted} if accepted else {}
    text = client.get(path, headers=headers).text
    return text.partition('<html lang="')[2].partition('"')[0]


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        (None, "en"),
        ("de", "de"),
        ("de-AT,en;q=0.5", "de"),
        ("es-419;q=0.9,de;q=0.8", "es"),
        ("fr,es;q=0.1", "es"),
        ("fr", "en"),
        ("*", "en"),
        ("", "en"),
        ("x" * 500 + ";q=what,,;", "en"),
    ],
)
def test_without_a_choice_the_page_follows_accept_language(
    browser: Client, accepted: str | None, expected: str
) -> None:
    assert language(browser, accepted) == expected


def test_a_page_that_depends_on_accept_language_has_a_vary_header(browser: Client) -> None:
    assert "Accept-Language" in browser.get("/").vary
    browser.submit("/preferences", locale="de")
    assert "Accept-Language" not in browser.get("/").vary


@pytest.mark.parametrize("locale", LOCALES)
def test_a_chosen_language_overrides_accept_language(browser: Client, locale: str) -> None:
    browser.submit("/preferences", locale=locale)
    assert language(browser, "fr,de,es,en") == locale


def test_a_visitor_can_choose_to_follow_the_browser_again(browser: Client) -> None:
    browser.submit("/preferences", locale="es")
    browser.submit("/preferences", locale="auto")
    assert language(browser, "de") == "de"


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("en", ["11/22/26, 7:30 AM", "November 22, 2026", "1,234.5"]),
        ("de", ["22.11.26, 07:30", "22. November 2026", "1.234,5"]),
        ("es", ["22/11/26, 7:30", "22 de noviembre de 2026", "1.234,5"]),
    ],
)
def test_dates_and_numbers_have_the_format_of_the_language(
    browser: Client, locale: str, expected: list[str]
) -> None:
    browser.submit("/preferences", locale=locale, time_zone="Asia/Tokyo")
    [when, day, number] = browser.get("/moment").json
    assert (when, number) == (expected[0], expected[2])
    assert expected[1] in day
    assert 'datetime="2026-11-21T22:30:00+00:00"' in day


def test_without_a_choice_times_are_in_utc(browser: Client) -> None:
    assert browser.get("/moment").json[0] == "11/21/26, 10:30 PM"


def test_an_error_page_is_in_the_chosen_language(browser: Client) -> None:
    browser.submit("/preferences", locale="de")
    assert browser.page("/nowhere", 404).one("html").get("lang") == "de"


def test_the_language_switch_works_without_javascript_and_returns_to_the_page(
    as_alice: Client,
) -> None:
    page = as_alice.page("/devices?order=age")
    buttons = [b for b in page.all("button") if b.get("name") == "locale"]
    assert [button.get("value") for button in buttons] == list(LOCALES)
    [form] = {inside for button in buttons for inside in button.inside if inside.tag == "form"}
    fields = {f.get("name"): f.get("value") for f in page.all("input") if form in f.inside}
    response = as_alice.post(form.get("action"), data=fields | {"locale": "es"})
    assert (response.status_code, response.location) == (303, "/devices?order=age")
    assert language(as_alice, path="/devices") == "es"


def test_a_visitor_without_a_session_gets_a_link_and_no_cookie(client: Client) -> None:
    response = client.get("/")
    assert 'href="/preferences"' in response.text
    assert response.headers.getlist("Set-Cookie") == []


def test_a_visitor_with_a_session_gets_the_language_switch(client: Client) -> None:
    client.get("/preferences")
    assert 'name="locale"' in client.get("/").text


@pytest.mark.parametrize("wanted", ["//evil.example", "https:evil.example", "/\t/evil"])
def test_the_language_switch_does_not_redirect_to_another_site(
    as_alice: Client, wanted: str
) -> None:
    fields = {"csrf_token": as_alice.csrf_token("/account"), "locale": "es", "next": wanted}
    assert as_alice.post("/preferences", data=fields).location == "/preferences"
