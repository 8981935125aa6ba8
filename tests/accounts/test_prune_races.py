"""`flask prune` while the users whose rows it deletes sign in."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event

from flask import Blueprint, Response, request
from sqlalchemy import update

from app.application import Application
from app.clock import now
from app.database import db
from app.sessions.logins import prune_logins
from app.sessions.models import LoginSession
from app.unit_of_work import unit_of_work
from app.users.models import User
from app.users.scheduled_deletions import delete_due_accounts
from tests.client import Client
from tests.conftest import Clock, signed_in, visitor
from tests.view_site import run

MakeApp = Callable[..., Application]
GRACE = {"days": 14, "seconds": 1}


class Pause:
    """Holds each sign-in just before its commit, until `over` is set."""

    def __init__(self) -> None:
        self.reached, self.over = Event(), Event()
        self.views = Blueprint("pause", __name__)
        self.views.after_app_request(self.wait)

    def wait(self, response: Response) -> Response:
        if request.method == "POST" and request.path == "/login":
            self.reached.set()
            self.over.wait(10)
        return response


def prune(app: Application) -> str:
    return app.test_cli_runner().invoke(args=["prune"]).output


def to_be_deleted(app: Application, user: User, clock: Clock) -> Client:
    """Return a new client of a user whose deletion is due."""
    assert signed_in(app, user).submit("/account/delete").status_code == 303
    clock.forward(**GRACE)
    return visitor(app)


def test_alice_whose_sign_in_cancels_the_deletion_is_not_deleted(
    make_app: MakeApp, alice: User, clock: Clock
) -> None:
    pause = Pause()
    app = make_app(pause.views)
    client = to_be_deleted(app, alice, clock)
    with ThreadPoolExecutor(2) as others:
        signing_in = others.submit(client.sign_in, alice.email)
        assert pause.reached.wait(10)
        pruning = others.submit(prune, app)
        with suppress(TimeoutError):  # on SQLite it waits for the one writer
            pruning.result(1)
        pause.over.set()
        assert signing_in.result().status_code == 303
        assert "deleted accounts: 0" in pruning.result()
    assert "will not be deleted" in client.page("/account").text


def test_a_sign_in_during_the_deletion_does_not_cancel_it(
    app: Application, alice: User, clock: Clock, clean_database: str
) -> None:
    client = to_be_deleted(app, alice, clock)
    with ThreadPoolExecutor(1) as others:
        with app.app_context(), unit_of_work():
            assert delete_due_accounts(100) == 1
            signing_in = others.submit(client.sign_in, alice.email)
            with suppress(TimeoutError):
                signing_in.result(1)
        assert signing_in.result().status_code >= 400
    assert run(clean_database, "SELECT * FROM users") == []


def test_bob_is_deleted_while_alice_cancels_her_deletion(
    make_app: MakeApp, alice: User, bob: User, clock: Clock, clean_database: str
) -> None:
    pause = Pause()
    app = make_app(pause.views)
    signed_in(app, bob).submit("/account/delete")
    client = to_be_deleted(app, alice, clock)
    with ThreadPoolExecutor(2) as others:
        signing_in = others.submit(client.sign_in, alice.email)
        assert pause.reached.wait(10)
        pruning = others.submit(prune, app)
        with suppress(TimeoutError):
            pruning.result(1)
        pause.over.set()
        signing_in.result()
        assert "deleted accounts: 1" in pruning.result()
    assert run(clean_database, "SELECT email FROM users") == [(alice.email,)]


def test_a_login_that_is_used_while_it_is_pruned_is_kept(
    app: Application, alice: User, clock: Clock
) -> None:
    client = signed_in(app, alice)
    clock.forward(hours=2)

    def prune_them() -> int:
        with app.app_context():
            return prune_logins()

    with ThreadPoolExecutor(1) as others:
        with app.app_context(), unit_of_work():
            db.session.execute(update(LoginSession).values(last_seen_at=now()))
            pruning = others.submit(prune_them)
            with suppress(TimeoutError):
                pruning.result(1)
        assert pruning.result() == 0
    assert client.get("/account").status_code == 200
