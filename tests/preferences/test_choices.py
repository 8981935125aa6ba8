"""The storage and lifetime of preferences, and when they are merged or dropped."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Blueprint

from app.application import Application
from app.database import db
from app.preferences.choices import choose, preference
from app.preferences.definitions import PREFERENCES
from app.preferences.models import Preferences
from app.sessions.guards import public
from app.users.models import User
from tests.client import Client
from tests.conftest import Clock, signed_in, visitor
from tests.sql_trace import SqlTrace

MakeApp = Callable[..., Application]
CHOSEN = {"theme": "dark", "time_zone": "Asia/Tokyo", "page_size": "50"}
DEFAULTS = {name: declared.default for name, declared in PREFERENCES.items()}


@pytest.fixture
def reading_app(make_app: MakeApp) -> Application:
    views = Blueprint("views", __name__)

    @views.get("/in-force")
    @public
    def in_force() -> dict[str, str]:
        return {name: preference(name) for name in PREFERENCES}

    return make_app(views)


@pytest.fixture
def browser(reading_app: Application) -> Client:
    return visitor(reading_app)


def in_force(client: Client) -> dict[str, str]:
    return client.get("/in-force").json or {}


def test_each_choice_of_a_visitor_expires_after_its_own_lifetime(
    browser: Client, clock: Clock
) -> None:
    browser.submit("/preferences", **CHOSEN)
    assert in_force(browser) == DEFAULTS | CHOSEN
    clock.forward(days=30)
    assert in_force(browser) == DEFAULTS | {"theme": "dark"}
    clock.forward(days=335)
    assert in_force(browser) == DEFAULTS


def test_choosing_again_restarts_the_lifetime(browser: Client, clock: Clock) -> None:
    browser.submit("/preferences", time_zone="Asia/Tokyo")
    clock.forward(days=29)
    browser.submit("/preferences", time_zone="Europe/Berlin")
    clock.forward(days=29)
    assert in_force(browser)["time_zone"] == "Europe/Berlin"


def test_the_preferences_of_a_user_do_not_expire(
    browser: Client, reading_app: Application, alice: User, clock: Clock
) -> None:
    browser.sign_in(alice.email)
    browser.submit("/preferences", **CHOSEN)
    clock.forward(days=400)
    assert in_force(signed_in(reading_app, alice)) == DEFAULTS | CHOSEN


def test_a_choice_reaches_another_device_within_a_minute(
    reading_app: Application, alice: User, clock: Clock
) -> None:
    laptop, phone = signed_in(reading_app, alice), signed_in(reading_app, alice)
    assert in_force(phone) == DEFAULTS
    laptop.submit("/preferences", **CHOSEN)
    assert in_force(laptop) == DEFAULTS | CHOSEN
    clock.forward(seconds=60)
    assert in_force(phone) == DEFAULTS | CHOSEN


def test_cached_preferences_cost_no_query_for_a_minute(
    reading_app: Application,
    alice: User,
    clock: Clock,
    trace_sql: Callable[[Application], SqlTrace],
) -> None:
    client = signed_in(reading_app, alice)
    client.submit("/preferences", **CHOSEN)
    watched = trace_sql(reading_app)
    client.get("/account/delete")
    clock.forward(seconds=50)
    watched.clear()
    assert "Tokyo" not in client.page("/account/delete").text
    assert client.page("/account/delete").one("html").get("data-bs-theme") == "dark"
    assert watched.keywords == ["SELECT", "SELECT"], "one for each page"


def test_a_404_page_has_the_theme_of_the_user_even_from_an_old_cache(
    browser: Client, alice: User, clock: Clock
) -> None:
    browser.sign_in(alice.email)
    browser.submit("/preferences", theme="dark")
    clock.forward(minutes=5)
    assert browser.page("/nowhere", 404).one("html").get("data-bs-theme") == "dark"


def test_signing_in_merges_only_the_choices_that_the_row_lacks(
    browser: Client, reading_app: Application, alice: User
) -> None:
    with reading_app.app_context(), db.engine.begin() as connection:
        connection.execute(Preferences.__table__.insert().values(user_id=alice.id, theme="light"))
    browser.submit("/preferences", theme="dark", page_size="50")
    browser.sign_in(alice.email)
    merged = in_force(browser)
    assert (merged["theme"], merged["page_size"]) == ("light", "50")


def test_an_expired_choice_is_not_merged(
    browser: Client, reading_app: Application, alice: User, clock: Clock
) -> None:
    browser.submit("/preferences", **CHOSEN)
    clock.forward(days=31)
    browser.sign_in(alice.email)
    with reading_app.app_context():
        row = db.session.get_one(Preferences, alice.id)
        assert (row.theme, row.time_zone) == ("dark", None)


def test_an_invalid_choice_is_not_merged(
    browser: Client, reading_app: Application, alice: User
) -> None:
    with browser.session_transaction() as cookie:
        cookie["theme"] = ["pink", 2**40]
    browser.sign_in(alice.email)
    with reading_app.app_context():
        assert db.session.get(Preferences, alice.id) is None


def test_a_user_without_choices_has_no_row(
    browser: Client, reading_app: Application, alice: User
) -> None:
    browser.sign_in(alice.email)
    with reading_app.app_context():
        assert db.session.get(Preferences, alice.id) is None


def test_signing_out_keeps_only_the_non_identifying_preferences(
    browser: Client, alice: User
) -> None:
    browser.sign_in(alice.email)
    browser.submit("/preferences", **CHOSEN)
    browser.sign_out()
    assert in_force(browser) == DEFAULTS | {"theme": "dark"}


def test_an_expired_login_keeps_only_the_non_identifying_preferences(
    browser: Client, alice: User, clock: Clock
) -> None:
    browser.sign_in(alice.email)
    browser.submit("/preferences", **CHOSEN)
    clock.forward(hours=2)
    browser.get("/account")
    assert in_force(browser) == DEFAULTS | {"theme": "dark"}


def test_the_preferences_kept_after_sign_out_are_not_merged_into_another_account(
    browser: Client, reading_app: Application, alice: User, bob: User
) -> None:
    browser.sign_in(alice.email)
    browser.submit("/preferences", **CHOSEN)
    browser.sign_out()
    browser.sign_in(bob.email)
    assert in_force(browser) == DEFAULTS
    with reading_app.app_context():
        assert db.session.get(Preferences, bob.id) is None


def test_a_visitor_may_change_the_preferences_kept_after_sign_out(
    browser: Client, alice: User
) -> None:
    browser.sign_in(alice.email)
    browser.submit("/preferences", theme="dark")
    browser.sign_out()
    browser.submit("/preferences", theme="light")
    assert in_force(browser)["theme"] == "light"


@pytest.mark.parametrize("value", ["Mars/Olympus", "", "de_DE", "../../etc/passwd", "9" * 60])
def test_an_unknown_value_in_a_row_becomes_the_default(
    reading_app: Application, alice: User, value: str
) -> None:
    with reading_app.app_context(), db.engine.begin() as connection:
        names = dict.fromkeys(PREFERENCES, value[:16])
        connection.execute(Preferences.__table__.insert().values(user_id=alice.id, **names))
    client = signed_in(reading_app, alice)
    assert in_force(client) == DEFAULTS
    assert client.get("/account").status_code == 200
    assert client.get("/preferences").status_code == 200


@pytest.mark.parametrize("cached", [None, "dark", ["dark"], {"theme": ["dark"]}, {"theme": 7}])
def test_an_invalid_value_in_the_cache_becomes_the_default(
    reading_app: Application, alice: User, cached: object
) -> None:
    client = signed_in(reading_app, alice)
    client.get("/account")
    with client.session_transaction() as cookie:
        cookie["preferences"] = cached
        cookie["kept_preferences"] = cached
    assert in_force(client) == DEFAULTS
    client.sign_out()
    assert in_force(client) == DEFAULTS


def test_a_failed_change_has_no_effect(make_app: MakeApp, alice: User) -> None:
    views = Blueprint("views", __name__)

    @views.post("/fail")
    def fail() -> str:
        choose("theme", "dark")
        raise ZeroDivisionError

    application = make_app(views, PROPAGATE_EXCEPTIONS=False)
    client = signed_in(application, alice)
    token = client.csrf_token("/account")
    assert client.post("/fail", data={"csrf_token": token}).status_code == 500
    assert client.page("/account").one("html").get("data-bs-theme") == "system"


def test_two_concurrent_changes_are_both_saved(as_alice: Client, alice: User) -> None:
    """Both requests find no row; one creates it, and the other waits and updates it."""
    app, token = as_alice.application, as_alice.csrf_token("/account")
    fields = {"csrf_token": token, "theme": "dark"}
    with ThreadPoolExecutor(1) as threads, app.app_context():
        with db.engine.begin() as first:
            first.execute(Preferences.__table__.insert().values(user_id=alice.id, page_size="50"))
            second = threads.submit(as_alice.post, "/preferences", data=fields)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.5)
        assert second.result(timeout=10).status_code == 303
    with app.app_context():
        row = db.session.get_one(Preferences, alice.id)
        assert (row.theme, row.page_size) == ("dark", "50")
