"""A product declares a preference in its own file, as docs/preferences.md prints."""

from collections.abc import Callable

import pytest
from flask import Blueprint
from flask.typing import ResponseReturnValue

from app.application import Application
from app.database import db
from app.preferences import add_preferences
from app.preferences.choices import choose, chosen_by, preference
from app.preferences.models import Preferences
from app.sessions.current import current_user, lock_current_login
from app.sessions.guards import public
from app.unit_of_work import commit_later
from app.users.models import User
from app.web.csrf import csrf
from tests.client import Client
from tests.conftest import Clock, signed_in, visitor
from tests.databases import on_postgresql
from tests.documented_examples import example_with
from tests.view_site import run


@pytest.fixture
def notes(make_app: Callable[..., Application], clean_database: str) -> Application:
    views = Blueprint("views", __name__)

    @views.post("/choose-meanwhile")
    @csrf.exempt
    def choose_meanwhile() -> ResponseReturnValue:
        db.session.get(Preferences, current_user.id)
        run(clean_database, """UPDATE preferences SET added = '{"note_size": "large"}'""")
        lock_current_login()
        choose("note_order", "title")
        commit_later()
        return {}

    @views.get("/order")
    @public
    def order() -> str:
        return preference("note_order")

    app = make_app(views)
    example_with("preferences.md", "NOTE_ORDER").init_app(app)
    return app


def order(client: Client) -> str:
    return client.get("/order").text


def offered(client: Client) -> set[str]:
    page = client.page("/preferences")
    return {field.get("name") for field in page.all("input") if field.is_within("main")}


def test_alice_chooses_and_finds_her_choice_on_all_devices(
    notes: Application, alice: User
) -> None:
    client = signed_in(notes, alice)
    assert order(client) == "newest"
    assert client.submit("/preferences", note_order="title", theme="dark").status_code == 303
    assert order(client) == order(signed_in(notes, alice)) == "title"
    assert client.page("/preferences").fields_for("/preferences")["theme"] == "dark"
    with notes.app_context():
        assert chosen_by(db.session.get_one(User, alice.id), "note_order") == "title"


def test_a_later_choice_replaces_it(notes: Application, alice: User, clock: Clock) -> None:
    client = signed_in(notes, alice)
    client.submit("/preferences", note_order="title")
    client.submit("/preferences", note_order="newest")
    clock.forward(minutes=2)
    assert order(client) == "newest"


@on_postgresql
def test_choices_made_at_the_same_time_are_all_kept(notes: Application, alice: User) -> None:
    client = signed_in(notes, alice)
    client.submit("/preferences", theme="dark")
    assert client.post("/choose-meanwhile").status_code == 200
    with notes.app_context():
        row = db.session.get_one(Preferences, alice.id)
        assert row.added == {"note_size": "large", "note_order": "title"}


def test_an_unknown_choice_is_rejected(notes: Application, alice: User) -> None:
    client = signed_in(notes, alice)
    assert client.submit("/preferences", note_order="random").status_code == 422
    assert order(client) == "newest"


def test_a_visitor_is_not_offered_a_preference_for_users(notes: Application) -> None:
    client = visitor(notes)
    assert "note_order" not in offered(client)
    client.submit("/preferences", note_order="title", theme="dark")
    with client.session_transaction() as cookie:
        assert "note_order" not in cookie
        cookie["note_order"] = ["title", 2**31]
    assert order(client) == "newest"


def test_a_planted_choice_of_a_visitor_is_not_merged_at_sign_in(
    notes: Application, alice: User
) -> None:
    client = visitor(notes)
    with client.session_transaction() as cookie:
        cookie["note_order"] = ["title", 2**31]
    client.sign_in(alice.email)
    assert order(client) == "newest"


def test_a_visitor_chooses_a_preference_that_is_for_all(
    make_app: Callable[..., Application], alice: User
) -> None:
    declared = example_with("preferences.md", "NOTE_ORDER").NOTE_ORDER
    app = make_app()
    add_preferences(app, type(declared)(**vars(declared) | {"signed_in_only": False}))
    client = visitor(app)
    client.submit("/preferences", note_order="title")
    client.sign_in(alice.email)
    with app.app_context():
        assert db.session.get_one(Preferences, alice.id).get("note_order") == "title"


def test_the_choice_of_a_removed_preference_is_ignored(
    app: Application, notes: Application, alice: User
) -> None:
    signed_in(notes, alice).submit("/preferences", note_order="title")
    client = signed_in(app, alice)
    assert "note_order" not in offered(client)
    assert client.submit("/preferences", theme="dark").status_code == 303


def test_a_preference_that_no_part_has_added_is_refused(app: Application) -> None:
    with (
        app.test_request_context(),
        pytest.raises(LookupError, match="'note_order' is not declared"),
    ):
        preference("note_order")
