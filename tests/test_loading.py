"""Who is signed in is found without a database session, and nobody can tell."""

import json
from collections.abc import Iterator

import pytest
from flask import Response, stream_with_context
from sqlalchemy import (
    Column,
    Dialect,
    Integer,
    MetaData,
    String,
    Table,
    TypeDecorator,
    bindparam,
    select,
)
from sqlalchemy.ext.mutable import MutableDict
from sqlalchemy.orm import DeclarativeBase, foreign, object_session, relationship, remote

from app.application import Application
from app.database import db
from app.loading import Loader
from app.sessions.current import current_login, current_user, get_current_user
from app.sessions.models import LoginSession
from app.unit_of_work import ReadOnlyRequest, UncommittedChanges, commit_later, unit_of_work
from app.users.models import User
from app.users.people import has_people
from tests.client import Client
from tests.conftest import signed_in
from tests.site import Notes, Site, run


def browser_of(person: User, site: Site) -> Client:
    """Return the browser of somebody who has been here a moment ago: nothing is due to be read."""
    browser = signed_in(site.app, person)
    browser.get("/account")
    return browser


def test_a_page_that_asks_nothing_more_holds_no_connection_and_no_session(
    site: Site, alice: User
) -> None:
    @site.view("GET")
    def act() -> dict[str, object]:
        begun = db.session.registry.has()
        return {"who": current_user.email, "begun": begun, "lent": site.connections}

    assert browser_of(alice, site).get("/act").json == {
        "who": "alice@example.com",
        "begun": False,
        "lent": 0,
    }


def test_a_session_that_is_begun_later_knows_her(site: Site, alice: User) -> None:
    @site.view("GET")
    def act() -> list[bool]:
        person, login = get_current_user(), current_login()
        return [
            object_session(person) is None,
            db.session.get(User, person.id) is person,
            db.session.get(LoginSession, login.id) is login,
            person in db.session,
            not db.session.dirty,
        ]

    assert browser_of(alice, site).get("/act").json == [True] * 5


@pytest.mark.parametrize("asks_first", [True, False])
def test_to_change_her_in_a_get_is_as_loud_as_ever(
    asks_first: bool, site: Site, alice: User
) -> None:
    @site.view("GET")
    def act() -> dict[str, str]:
        if asks_first:
            has_people()
        get_current_user().display_name = "Mallory"
        return {}

    with pytest.raises(UncommittedChanges):
        browser_of(alice, site).get("/act")
    assert run(site.database_url, "SELECT display_name FROM users") == [("",)]


def test_a_query_after_the_change_is_refused_before_it_writes(site: Site, alice: User) -> None:
    @site.view("GET")
    def act() -> dict[str, str]:
        get_current_user().display_name = "Mallory"
        has_people()
        return {}

    with pytest.raises(ReadOnlyRequest):
        browser_of(alice, site).get("/act")


def test_a_change_in_a_streamed_body_is_not_lost_quietly(site: Site, alice: User) -> None:
    @site.view("GET")
    def act() -> Response:
        @stream_with_context
        def body() -> Iterator[str]:
            get_current_user().display_name = "Mallory"
            yield "changed"

        return Response(body(), mimetype="text/plain")

    with pytest.raises(UncommittedChanges):
        _ = browser_of(alice, site).get("/act").data


def test_in_a_post_she_is_part_of_the_transaction(site: Site, alice: User) -> None:
    @site.view("POST")
    def act() -> dict[str, str]:
        get_current_user().display_name = "Alice"
        commit_later()
        return {}

    browser_of(alice, site).post("/act")
    assert run(site.database_url, "SELECT display_name FROM users") == [("Alice",)]


def test_after_something_broke_she_is_found_anew_and_is_one_person(
    site: Site, alice: User
) -> None:
    notes = Notes()
    site.goes_live()

    @site.view("GET")
    def act() -> dict[str, str]:
        get_current_user().display_name = "Mallory"
        raise RuntimeError("the shelf fell down")

    @site.blueprint.errorhandler(RuntimeError)
    def answer(error: RuntimeError) -> dict[str, str]:
        again = get_current_user()
        notes(f"{again.display_name!r} {db.session.get(User, again.id) is again}")
        return {}

    browser_of(alice, site).get("/act")
    assert notes == ["'' True"]


# --- Models as somebody's product may have them, here on the table of people ---------------------


class Base(DeclarativeBase):
    pass


class Json(TypeDecorator[dict[str, str]]):
    impl = String
    cache_ok = True

    def process_bind_param(self, value: dict[str, str] | None, dialect: Dialect) -> str:
        return json.dumps(value or {})

    def process_result_value(self, value: str | None, dialect: Dialect) -> dict[str, str]:
        return json.loads(value or "{}")


class Chooser(Base):
    __table__ = Table(
        "users",
        Base.metadata,
        Column("id", Integer, primary_key=True),
        Column("display_name", MutableDict.as_mutable(Json), key="choices"),
    )


class Friend(Base):
    __table__ = Table("users", MetaData(), Column("id", Integer, primary_key=True))
    friends = relationship(
        "Friend", primaryjoin=lambda: foreign(remote(Friend.id)) != Friend.id, viewonly=True
    )


CHOOSER = Loader(select(Chooser).where(Chooser.id == bindparam("id")), Chooser)
FRIEND = Loader(select(Friend).where(Friend.id == bindparam("id")), Friend)


def test_a_change_within_a_value_is_noticed_and_saved(app: Application, alice: User) -> None:
    with app.app_context(), unit_of_work():
        [chooser] = CHOOSER.one_or_none({"id": alice.id})
        chooser.choices["colour"] = "blue"
    with app.app_context():
        [chooser] = CHOOSER.one_or_none({"id": alice.id})
        assert chooser.choices == {"colour": "blue"}


def test_what_only_a_session_can_load_is_loaded(app: Application, alice: User, bob: User) -> None:
    with app.app_context():
        [friend] = FRIEND.one_or_none({"id": alice.id})
        assert [other.id for other in friend.friends] == [bob.id]
