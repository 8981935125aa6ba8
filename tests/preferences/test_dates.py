"""Dates, times and numbers on a page."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Blueprint, render_template_string

from app.application import Application
from app.sessions.guards import public
from tests.client import Client
from tests.conftest import visitor

MOMENT = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
DATE = '{% from "components/date.html" import date %}{{ date(moment) }}'


@pytest.fixture
def browser(make_app: Callable[..., Application]) -> Client:
    views = Blueprint("views", __name__)

    @views.get("/moment")
    @public
    def moment() -> list[str]:
        when = render_template_string("{{ moment|datetimeformat('short') }}", moment=MOMENT)
        return [when.replace("\u202f", " "), render_template_string(DATE, moment=MOMENT)]

    return visitor(make_app(views))


def test_without_a_choice_times_are_in_utc(browser: Client) -> None:
    assert browser.get("/moment").json[0] == "11/21/26, 10:30 PM"


def test_times_are_in_the_chosen_time_zone(browser: Client) -> None:
    browser.submit("/preferences", time_zone="Asia/Tokyo")
    [when, day] = browser.get("/moment").json
    assert when == "11/22/26, 7:30 AM"
    assert "November 22, 2026" in day
    assert 'datetime="2026-11-21T22:30:00+00:00"' in day


def test_a_visitor_without_a_session_gets_a_link_and_no_cookie(client: Client) -> None:
    response = client.get("/")
    assert 'href="/preferences"' in response.text
    assert response.headers.getlist("Set-Cookie") == []
