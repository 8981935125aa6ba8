"""Where a choice is kept, for how long, and who it reaches."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Blueprint

from app.application import Application
from app.database import db
from app.preferences.choices import choose, preference
from app.preferences.declared import PREFERENCES
from app.preferences.models import Preferences
from app.sessions.guards import public
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, Clock, signed_in, visitor
from tests.wire import Wire

MakeApp = Callable[..., Application]
CHOSEN = {"theme": "dark", "locale": "de", "time_zone": "Asia/Tokyo", "page_size": "50"}
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


def sign_in(client: Client, user: User) -> None:
    assert client.submit("/login", email=user.email, password=PASSWORD).status_code == 303


def sign_out(client: Client) -> None:
    client.post("/logout", data={"csrf_token": client.csrf_token("/account")})


def test_each_choice_of_a_visitor_ends_in_its_own_time(browser: Client, clock: Clock) -> None:
    browser.submit("/preferences", **CHOSEN)
    assert in_force(browser) == CHOSEN
    clock.forward(days=30)
    kept = {name: CHOSEN[name] for name in ("theme", "locale")}
    assert in_force(browser) == DEFAULTS | kept
    clock.forward(days=335)
    assert in_force(browser) == DEFAULTS


def test_choosing_again_gives_a_choice_its_whole_time_again(browser: Client, clock: Clock) -> None:
    browser.submit("/preferences", time_zone="Asia/Tokyo")
    clock.forward(days=29)
    browser.submit("/preferences", time_zone="Europe/Berlin")
    clock.forward(days=29)
    assert in_force(browser)["time_zone"] == "Europe/Berlin"


def test_a_person_keeps_everything_for_as_long_as_they_are_there(
    browser: Client, reading_app: Application, alice: User, clock: Clock
) -> None:
    sign_in(browser, alice)
    browser.submit("/preferences", **CHOSEN)
    clock.forward(days=400)
    assert in_force(signed_in(reading_app, alice)) == CHOSEN


def test_a_choice_reaches_another_device_within_a_minute(
    reading_app: Application, alice: User, clock: Clock
) -> None:
    laptop, phone = signed_in(reading_app, alice), signed_in(reading_app, alice)
    assert in_force(phone) == DEFAULTS
    laptop.submit("/preferences", **CHOSEN)
    assert in_force(laptop) == CHOSEN
    clock.forward(seconds=60)
    assert in_force(phone) == CHOSEN


def test_carried_choices_cost_no_query_for_a_minute(
    reading_app: Application, alice: User, clock: Clock, wire: Callable[[Application], Wire]
) -> None:
    client = signed_in(reading_app, alice)
    client.submit("/preferences", **CHOSEN)
    watched = wire(reading_app)
    client.get("/account/delete")
    clock.forward(seconds=50)
    watched.forget()
    assert "Tokyo" not in client.page("/account/delete").text
    assert client.page("/account/delete").one("html").get("lang") == "de"
    assert watched.verbs == ["SELECT", "SELECT"], "one for each page"


def test_a_page_that_does_not_exist_keeps_the_theme_however_old_what_is_carried(
    browser: Client, alice: User, clock: Clock
) -> None:
    sign_in(browser, alice)
    browser.submit("/preferences", theme="dark")
    clock.forward(minutes=5)
    assert browser.page("/nowhere", 404).one("html").get("data-bs-theme") == "dark"


def test_signing_in_adopts_only_what_the_row_does_not_say(
    browser: Client, reading_app: Application, alice: User
) -> None:
    with reading_app.app_context(), db.engine.begin() as connection:
        connection.execute(Preferences.__table__.insert().values(user_id=alice.id, theme="light"))
    browser.submit("/preferences", theme="dark", locale="es")
    sign_in(browser, alice)
    adopted = in_force(browser)
    assert (adopted["theme"], adopted["locale"]) == ("light", "es")


def test_a_choice_that_has_run_out_is_not_adopted(
    browser: Client, reading_app: Application, alice: User, clock: Clock
) -> None:
    browser.submit("/preferences", **CHOSEN)
    clock.forward(days=31)
    sign_in(browser, alice)
    with reading_app.app_context():
        row = db.session.get_one(Preferences, alice.id)
        assert (row.theme, row.time_zone) == ("dark", None)


def test_a_choice_that_is_no_longer_offered_is_not_adopted(
    browser: Client, reading_app: Application, alice: User
) -> None:
    with browser.session_transaction() as cookie:
        cookie["theme"] = ["pink", 2**40]
    sign_in(browser, alice)
    with reading_app.app_context():
        assert db.session.get(Preferences, alice.id) is None


def test_who_chose_nothing_has_no_row(
    browser: Client, reading_app: Application, alice: User
) -> None:
    sign_in(browser, alice)
    with reading_app.app_context():
        assert db.session.get(Preferences, alice.id) is None


def test_signing_out_keeps_what_is_harmless_and_drops_the_rest(
    browser: Client, alice: User
) -> None:
    sign_in(browser, alice)
    browser.submit("/preferences", **CHOSEN)
    sign_out(browser)
    assert in_force(browser) == DEFAULTS | {"theme": "dark", "locale": "de"}


def test_a_login_that_ends_by_itself_leaves_no_more_than_that(
    browser: Client, alice: User, clock: Clock
) -> None:
    sign_in(browser, alice)
    browser.submit("/preferences", **CHOSEN)
    clock.forward(hours=2)
    browser.get("/account")
    assert in_force(browser) == DEFAULTS | {"theme": "dark", "locale": "de"}


def test_what_alice_left_behind_does_not_become_bobs(
    browser: Client, reading_app: Application, alice: User, bob: User
) -> None:
    sign_in(browser, alice)
    browser.submit("/preferences", **CHOSEN)
    sign_out(browser)
    sign_in(browser, bob)
    assert in_force(browser) == DEFAULTS
    with reading_app.app_context():
        assert db.session.get(Preferences, bob.id) is None


def test_a_visitor_may_choose_over_what_was_left_behind(browser: Client, alice: User) -> None:
    sign_in(browser, alice)
    browser.submit("/preferences", theme="dark")
    sign_out(browser)
    browser.submit("/preferences", theme="light")
    assert in_force(browser)["theme"] == "light"


@pytest.mark.parametrize("value", ["Mars/Olympus", "", "de_DE", "../../etc/passwd", "9" * 60])
def test_what_a_row_says_and_nobody_knows_any_more_is_the_default(
    reading_app: Application, alice: User, value: str
) -> None:
    with reading_app.app_context(), db.engine.begin() as connection:
        names = dict.fromkeys(PREFERENCES, value[:16])
        connection.execute(Preferences.__table__.insert().values(user_id=alice.id, **names))
    client = signed_in(reading_app, alice)
    assert in_force(client) == DEFAULTS
    assert client.get("/account").status_code == 200
    assert client.get("/preferences").status_code == 200


@pytest.mark.parametrize("carried", [None, "dark", ["dark"], {"theme": ["dark"]}, {"locale": 7}])
def test_what_is_carried_and_no_choice_is_the_default(
    reading_app: Application, alice: User, carried: object
) -> None:
    client = signed_in(reading_app, alice)
    client.get("/account")
    with client.session_transaction() as cookie:
        cookie["preferences"] = carried
        cookie["left_behind"] = carried
    assert in_force(client) == DEFAULTS
    sign_out(client)
    assert in_force(client) == DEFAULTS


def test_a_failed_change_is_neither_in_the_row_nor_in_force(
    make_app: MakeApp, alice: User
) -> None:
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


def test_two_switches_pressed_at_once_are_both_kept(as_alice: Client, alice: User) -> None:
    """Both requests find no row, and only one of them may make it; the other waits and goes on."""
    app, token = as_alice.application, as_alice.csrf_token("/account")
    fields = {"csrf_token": token, "theme": "dark"}
    with ThreadPoolExecutor(1) as hand, app.app_context():
        with db.engine.begin() as first:
            first.execute(Preferences.__table__.insert().values(user_id=alice.id, locale="de"))
            second = hand.submit(as_alice.post, "/preferences", data=fields)
            with pytest.raises(TimeoutError):
                second.result(timeout=0.5)
        assert second.result(timeout=10).status_code == 303
    with app.app_context():
        row = db.session.get_one(Preferences, alice.id)
        assert (row.theme, row.locale) == ("dark", "de")
