"""S3: a login ends at its idle limit and at its absolute limit, by its row."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Blueprint
from sqlalchemy import select

from app.application import Application
from app.database import db
from app.sessions.guards import polling, public
from app.sessions.models import LoginSession
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, Clock, signed_in, visitor
from tests.sql_trace import SqlTrace

MakeApp = Callable[..., Application]


def row(app: Application) -> LoginSession:
    with app.app_context():
        return db.session.scalars(select(LoginSession)).one()


@pytest.mark.parametrize(
    ("remembered", "limit"), [(False, timedelta(hours=1)), (True, timedelta(days=14))]
)
def test_s3_an_unused_login_ends_at_its_idle_limit(
    app: Application, alice: User, clock: Clock, remembered: bool, limit: timedelta
) -> None:
    client = signed_in(app, alice, remembered=remembered)
    clock.forward(seconds=limit.total_seconds() - 1)
    assert client.is_signed_in
    clock.forward(seconds=limit.total_seconds())
    assert not client.is_signed_in


@pytest.mark.parametrize(
    ("remembered", "limit"), [(False, timedelta(hours=24)), (True, timedelta(days=30))]
)
def test_s3_a_login_in_constant_use_ends_at_its_absolute_limit(
    app: Application, alice: User, clock: Clock, remembered: bool, limit: timedelta
) -> None:
    client = signed_in(app, alice, remembered=remembered)
    for _ in range(29):
        clock.forward(seconds=limit.total_seconds() / 30)
        assert client.is_signed_in
    clock.forward(seconds=limit.total_seconds() / 30)
    assert not client.is_signed_in


def test_s3_the_limits_are_settings(make_app: MakeApp, alice: User, clock: Clock) -> None:
    application = make_app(SESSION_IDLE_LIMIT="4m", SESSION_LIFETIME="10m")
    client = signed_in(application, alice)
    for _ in range(3):
        clock.forward(minutes=3)
        assert client.is_signed_in
    clock.forward(minutes=1)
    assert not client.is_signed_in


def test_s3_use_extends_even_an_idle_limit_of_seconds(
    make_app: MakeApp, alice: User, clock: Clock
) -> None:
    client = signed_in(make_app(SESSION_IDLE_LIMIT="4s"), alice)
    for _ in range(5):
        clock.forward(seconds=3)
        assert client.is_signed_in
    clock.forward(seconds=4)
    assert not client.is_signed_in


def test_s3_the_row_decides_whatever_the_cookie_says(
    as_alice: Client, app: Application, clock: Clock
) -> None:
    with as_alice.session_transaction() as cookie:
        cookie.permanent = True
        cookie["_fresh"] = True
    clock.forward(hours=2)
    assert not as_alice.is_signed_in


def test_s3_use_is_recorded_at_most_once_a_minute(
    as_alice: Client, clock: Clock, trace_sql: Callable[[Application], SqlTrace]
) -> None:
    as_alice.get("/account")
    watched = trace_sql(as_alice.application)
    for seconds in [10, 20, 20]:
        clock.forward(seconds=seconds)
        as_alice.get("/account")
    assert "UPDATE" not in watched.keywords
    clock.forward(seconds=10)
    as_alice.get("/account")
    as_alice.get("/account")
    assert watched.keywords.count("UPDATE") == 1


def test_s3_use_is_recorded_even_if_the_request_fails(
    make_app: MakeApp, alice: User, clock: Clock
) -> None:
    views = Blueprint("views", __name__)

    @views.get("/fail")
    def fail() -> str:
        raise ZeroDivisionError

    application = make_app(views, PROPAGATE_EXCEPTIONS=False)
    client = signed_in(application, alice)
    clock.forward(minutes=59)
    assert client.get("/fail").status_code == 500
    clock.forward(minutes=59)
    assert client.is_signed_in


def test_s3_a_polling_script_does_not_extend_the_login(
    make_app: MakeApp, alice: User, clock: Clock
) -> None:
    views = Blueprint("views", __name__)
    views.add_url_rule("/news", view_func=polling(lambda: {"news": 0}), endpoint="news")
    client = signed_in(make_app(views), alice)
    for _ in range(5):
        clock.forward(minutes=11)
        assert client.get("/news").json == {"news": 0}
    clock.forward(minutes=5)
    assert client.get("/news").status_code == 303


def test_s3_a_public_page_that_scripts_poll_runs_no_query(
    make_app: MakeApp, alice: User, trace_sql: Callable[[Application], SqlTrace]
) -> None:
    views = Blueprint("views", __name__)
    views.add_url_rule("/well", view_func=public(polling(lambda: {"well": 1})), endpoint="well")
    application = make_app(views)
    client = signed_in(application, alice)
    watched = trace_sql(application)
    assert client.get("/well").json == {"well": 1}
    assert watched.statements == []


@pytest.mark.parametrize(
    ("hours", "sentence"),
    [(2, "because you were inactive"), (25, "For your security, please sign in")],
)
def test_s3_after_the_end_of_a_login_the_sign_in_page_says_why(
    as_alice: Client, clock: Clock, hours: int, sentence: str
) -> None:
    clock.forward(hours=hours)
    response = as_alice.get("/devices?order=age")
    assert (response.status_code, response.location) == (303, "/login?next=/devices?order%3Dage")
    assert sentence in as_alice.page(response.location).text
    assert sentence not in as_alice.page("/login").text


def test_s3_after_a_login_was_ended_elsewhere_the_sign_in_page_says_so(
    as_alice: Client, alice: User
) -> None:
    runner = as_alice.application.test_cli_runner()
    runner.invoke(args=["users", "set-password", alice.email, "--password", PASSWORD[::-1]])
    location = as_alice.get("/account").location
    assert "You were signed out on this device." in as_alice.page(location).text


def test_s3_a_visitor_without_a_login_sees_no_such_message(client: Client) -> None:
    assert "signed out" not in client.page(client.get("/account").location).text


def test_s3_an_api_client_gets_401_and_keeps_its_cookies(as_alice: Client, clock: Clock) -> None:
    clock.forward(hours=2)
    response = as_alice.get("/account", headers={"Accept": "application/json"})
    assert response.status_code == 401
    assert response.headers.getlist("Set-Cookie") == []


def test_s3_head_requests_are_handled_like_get(as_alice: Client, clock: Clock) -> None:
    assert as_alice.head("/account").status_code == 200
    clock.forward(hours=2)
    assert as_alice.head("/account").status_code == 303


def ends_in(client: Client, path: str = "/account") -> int:
    page = client.page(path)
    [notice] = [e for e in page.all("div") if e.get("class") == "login-notice"]
    return int(notice.get("data-login-ends-in"))


def test_s3_the_page_contains_the_time_when_the_login_ends(as_alice: Client, clock: Clock) -> None:
    assert ends_in(as_alice) == pytest.approx(3600, abs=5)
    clock.forward(minutes=50)
    assert ends_in(as_alice) == pytest.approx(3600, abs=5), "opening the page extended the limit"


def test_s3_the_notice_is_hidden_until_the_script_shows_it(as_alice: Client) -> None:
    page = as_alice.page("/account")
    form = page.one("form", action="/stay")
    assert "hidden" in form.attributes
    assert "You will be signed out soon" in form.text


def test_s3_a_visitor_gets_no_notice(client: Client) -> None:
    assert "login-ends-in" not in client.get("/login").text


def test_s3_the_stay_form_extends_the_login_without_javascript(
    as_alice: Client, clock: Clock
) -> None:
    clock.forward(minutes=58)
    response = as_alice.submit("/stay?next=/devices")
    assert (response.status_code, response.location) == (303, "/devices")
    clock.forward(minutes=59)
    assert as_alice.is_signed_in


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", ""])
def test_s3_the_stay_form_does_not_redirect_to_another_site(as_alice: Client, wanted: str) -> None:
    assert as_alice.submit("/stay", next=wanted).location == "/account"


def test_s3_the_script_gets_the_new_end_from_the_response(as_alice: Client, clock: Clock) -> None:
    token = as_alice.csrf_token("/account")
    clock.forward(minutes=55)
    response = as_alice.post("/stay", data={"csrf_token": token, "next": "/stay"})
    assert response.location == "/stay"
    assert ends_in(as_alice, "/stay") == pytest.approx(3600, abs=5)


def keep_busy(client: Client, clock: Clock, minutes: int) -> None:
    for _ in range(minutes // 50):
        clock.forward(minutes=50)
        client.get("/account")
    clock.forward(minutes=minutes % 50)


def test_s3_nothing_extends_the_absolute_limit_and_the_page_says_so(
    as_alice: Client, clock: Clock
) -> None:
    keep_busy(as_alice, clock, 24 * 60 - 3)
    assert ends_in(as_alice) == pytest.approx(180, abs=60)
    page = as_alice.page("/stay")
    assert "signed in for a long time and will be signed out in 2 minutes" in page.text
    assert not [form for form in page.all("form") if form.get("action").startswith("/stay")]
    as_alice.post("/stay", data={"csrf_token": as_alice.csrf_token("/account")})
    clock.forward(minutes=3)
    assert not as_alice.is_signed_in


def test_s3_staying_after_the_end_asks_for_a_sign_in(as_alice: Client, clock: Clock) -> None:
    token = as_alice.csrf_token("/account")
    clock.forward(hours=2)
    assert as_alice.post("/stay", data={"csrf_token": token}).status_code == 401


def test_s3_a_visitor_has_nothing_to_extend(app: Application) -> None:
    assert visitor(app).get("/stay").status_code == 303


def test_s3_requests_with_an_ended_login_do_not_count_as_use(
    as_alice: Client, app: Application, clock: Clock
) -> None:
    seen = row(app).last_seen_at
    clock.forward(hours=2)
    as_alice.get("/account")
    as_alice.get("/")
    assert row(app).last_seen_at == seen
