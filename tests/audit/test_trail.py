"""Security events are saved together with the action, and never change."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Blueprint, abort
from flask.typing import ResponseReturnValue
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from app.application import Application
from app.audit.actions import Action, ActionKind, action_kinds
from app.audit.models import SecurityEvent
from app.audit.pruning import prune_events
from app.audit.trail import record, record_regardless
from app.clock import now
from app.crypto.tokens import digest
from app.database import db
from app.mail.models import Message
from app.sessions.guards import public
from app.sessions.models import LoginSession
from app.unit_of_work import commit_later, unit_of_work
from app.unit_of_work.batches import FIRST_BATCH
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, Clock, signed_in, visitor

CHANGES = [
    "UPDATE security_events SET action = 'login.succeeded'",
    "UPDATE security_events SET user_id = NULL",
    "DELETE FROM security_events",
]


def events(app: Application) -> list[SecurityEvent]:
    with app.app_context():
        return list(db.session.scalars(select(SecurityEvent).order_by(SecurityEvent.id)))


def actions(app: Application) -> list[tuple[str, int | None]]:
    return [(event.action, event.user_id) for event in events(app)]


def note(app: Application, user_id: int | None) -> None:
    with app.app_context(), unit_of_work():
        record(Action.LOGIN_FAILED, user_id)


def run(app: Application, statement: str) -> None:
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text(statement))


def test_a_sign_in_is_recorded_with_its_origin(client: Client, alice: User) -> None:
    response = client.sign_in(alice.email)
    first, second = events(client.application)
    assert (first.action, second.action) == ("login.succeeded", "device.added")
    assert (first.user_id, first.address) == (alice.id, "127.0.0.1")
    assert first.user_agent.startswith("Werkzeug")
    assert first.request_id == response.headers["X-Request-ID"]


def test_a_failed_sign_in_is_recorded_although_nothing_was_committed(
    client: Client, alice: User
) -> None:
    response = client.sign_in(alice.email, "wrong")
    [event] = events(client.application)
    assert (event.action, event.user_id) == ("login.failed", alice.id)
    assert event.request_id == response.headers["X-Request-ID"]


def test_an_email_address_without_an_account_is_not_stored(
    make_app: Callable[..., Application], capsys: pytest.CaptureFixture[str], is_postgresql: bool
) -> None:
    app = make_app(LOG_LEVEL="DEBUG")
    visitor(app).sign_in("nobody@example.com", "my cat's name")
    assert actions(app) == [("login.failed", None)]
    with app.app_context():
        rows = [db.session.execute(table.select()).all() for table in db.metadata.tables.values()]
    kept = f"{rows} {capsys.readouterr()}"
    assert "login.failed" in kept
    assert "nobody@" not in kept
    assert "my cat" not in kept


def test_signing_out_is_recorded(as_alice: Client, alice: User) -> None:
    as_alice.sign_out()
    assert actions(as_alice.application) == [("login.ended", alice.id)]
    visitor_ = visitor(as_alice.application)
    visitor_.post("/logout", data={"csrf_token": visitor_.csrf_token()})
    assert len(events(as_alice.application)) == 1


def test_ending_logins_elsewhere_is_recorded(as_alice: Client, alice: User) -> None:
    signed_in(as_alice.application, alice)
    token = {"csrf_token": as_alice.csrf_token("/account")}
    as_alice.post("/devices/end-others", data=token)
    with as_alice.application.app_context():
        login_id = db.session.scalar(select(LoginSession.id))
    as_alice.post(f"/devices/{login_id}/end", data=token)
    assert actions(as_alice.application) == [
        ("other_logins.ended", alice.id),
        ("login.ended", alice.id),
    ]


def test_a_stolen_token_is_recorded(app: Application, alice: User) -> None:
    signed_in(app, alice, remembered=True)
    long_over = {"previous_digest": digest("old"), "previous_until": now() - timedelta(days=1)}
    with app.app_context(), unit_of_work():
        db.session.execute(update(LoginSession).values(long_over))
    thief = visitor(app)
    thief.set_cookie("remember_token", "old")
    response = thief.get("/account")
    [event] = events(app)
    assert (event.action, event.user_id) == ("token.reused", alice.id)
    assert event.request_id == response.headers["X-Request-ID"]


def test_commands_are_recorded_without_an_address(app: Application) -> None:
    with_password = ["--password", PASSWORD]
    for args in (["create", *with_password], ["disable"], ["enable"], ["set-password"]):
        command, *rest = args + with_password * (args == ["set-password"])
        result = app.test_cli_runner().invoke(args=["users", command, "alice@example.com", *rest])
        assert result.exit_code == 0, result.output
    assert [event.action for event in events(app)] == [
        "account.created",
        "account.disabled",
        "account.enabled",
        "password.changed",
    ]
    assert {(event.address, event.request_id) for event in events(app)} == {(None, None)}


views = Blueprint("example", __name__)


@views.post("/fail/<how>")
@public
def fail(how: str) -> ResponseReturnValue:
    remember = record if how == "with-the-unit" else record_regardless
    remember(Action.EMAIL_CHANGED, None, how=how)
    commit_later()
    abort(400)


@pytest.mark.parametrize(("how", "kept"), [("with-the-unit", 0), ("regardless", 1)])
def test_only_record_regardless_survives_a_failed_request(
    make_app: Callable[..., Application], how: str, kept: int
) -> None:
    app = make_app(views)
    client = visitor(app)
    client.post(f"/fail/{how}", data={"csrf_token": client.csrf_token()})
    assert [event.details for event in events(app)] == [{"how": how}] * kept


@pytest.mark.parametrize("change", CHANGES)
def test_the_database_rejects_changes_of_events(
    app: Application, alice: User, change: str
) -> None:
    note(app, alice.id)
    with pytest.raises(IntegrityError, match="security events are append-only"):
        run(app, change)
    assert actions(app) == [("login.failed", alice.id)]


def test_the_database_rejects_truncate_and_replace(
    app: Application, alice: User, is_postgresql: bool
) -> None:
    note(app, alice.id)
    change = "TRUNCATE security_events"
    if not is_postgresql:
        change = "REPLACE INTO security_events SELECT id, at, 'x', 1, 0, 1, '', '', '', '' FROM "
        change += "security_events"
    with pytest.raises(IntegrityError, match="security events are append-only"):
        run(app, change)
    assert actions(app) == [("login.failed", alice.id)]


def test_events_older_than_a_year_are_pruned(app: Application, clock: Clock) -> None:
    note(app, None)
    clock.forward(days=1)
    note(app, None)
    clock.forward(days=364, minutes=1)
    result = app.test_cli_runner().invoke(args=["prune", "security events"])
    assert result.output.startswith("security events: 1")
    assert [event.at > now() - timedelta(days=365) for event in events(app)] == [True]


def test_after_pruning_later_events_are_still_protected(app: Application, clock: Clock) -> None:
    note(app, None)
    clock.forward(days=366)
    note(app, None)
    with app.app_context():
        prune_events()
    with pytest.raises(IntegrityError, match="security events are append-only"):
        run(app, "DELETE FROM security_events")


def test_the_retention_is_a_setting(make_app: Callable[..., Application], clock: Clock) -> None:
    app = make_app(AUDIT_RETENTION="30d")
    note(app, None)
    clock.forward(days=31)
    with app.app_context():
        assert prune_events() == 1


def test_pruning_deletes_more_than_one_batch(app: Application, clock: Clock) -> None:
    row: dict[str, Any] = {"action": "login.failed", "details": {}, "at": now()}
    with app.app_context(), unit_of_work():
        db.session.execute(insert(SecurityEvent), [row] * (2 * FIRST_BATCH + 1))
    clock.forward(days=366)
    with app.app_context():
        assert prune_events() == 2 * FIRST_BATCH + 1


def test_the_events_of_a_user_are_deleted_with_the_user(
    app: Application, alice: User, bob: User
) -> None:
    note(app, alice.id)
    note(app, bob.id)
    with app.app_context(), unit_of_work():
        db.session.execute(delete(User).where(User.id == alice.id))
    assert actions(app) == [("login.failed", bob.id)]


def test_every_action_has_a_label(app: Application) -> None:
    names = [kind.name for kind in action_kinds.items(app)]
    assert set(names) >= set(Action)
    assert len(names) == len(set(names))


def test_a_part_adds_actions_of_its_own(
    make_app: Callable[..., Application], alice: User, outbox: Callable[[], list[Message]]
) -> None:
    app = make_app()
    action_kinds.add(app, ActionKind("note.shared", "Note shared", is_mailed=True))
    with app.app_context(), unit_of_work():
        record("note.shared", alice.id)
    with app.app_context():
        assert db.session.scalars(select(SecurityEvent)).one().label == "Note shared"
    assert [mail.subject for mail in outbox()] == ["Note shared"]


def test_an_action_that_no_part_has_added_is_refused(app: Application, alice: User) -> None:
    with app.app_context(), pytest.raises(LookupError, match=r"'note.lost' is not registered"):
        record("note.lost", alice.id)


def test_an_event_of_a_removed_part_is_shown_by_its_name(app: Application) -> None:
    with app.app_context():
        assert SecurityEvent(action="note.lost").label == "note.lost"
