"""Send requests whose login ends while they run, on real connections."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import sleep
from typing import Any

from sqlalchemy import event, select
from werkzeug.test import TestResponse

from app.application import Application
from app.crypto.tokens import digest
from app.database import db, table_of
from app.sessions.logins import end_login
from app.sessions.models import LoginSession
from app.unit_of_work import unit_of_work
from app.users.accounts import lock_user
from app.users.models import User
from tests.client import Client

# Seconds; long enough for a request to reach the lock.
LOCK_WAIT = 0.3
Rows = dict[str, list[tuple[Any, ...]]]


def login_id(app: Application, browser: Client) -> int:
    """Return the id of the login of this client."""
    with browser.session_transaction() as cookie:
        named = LoginSession.token_digest == digest(cookie["_user_id"])
    with app.app_context():
        return db.session.scalars(select(LoginSession.id).where(named)).one()


def end_remotely(login: int, owner: User) -> None:
    """End a login as its owner does on another device, in the current unit of work."""
    lock_user(db.session.get_one(User, owner.id))
    end_login(db.session.get_one(LoginSession, login))


def send_while_login_ends(
    app: Application, browser: Client, owner: User, path: str, form: dict[str, str]
) -> TestResponse:
    """Send a form that waits for the lock on the user's row while its login is ended."""
    login = login_id(app, browser)
    with ThreadPoolExecutor(1) as other:
        with app.app_context(), unit_of_work():
            end_remotely(login, owner)
            sent = other.submit(browser.post, path, data=form)
            sleep(LOCK_WAIT)
            assert not sent.done(), "it waits for the lock"
        return sent.result()


def send_and_end_login_midway(
    app: Application, browser: Client, owner: User, path: str, form: dict[str, str]
) -> TestResponse:
    """Send a form whose login ends when the request returns its first connection.

    Slow work without a transaction follows then, while other connections may write.
    """
    login = login_id(app, browser)

    def end(*_: object) -> None:
        with app.app_context(), unit_of_work():
            end_remotely(login, owner)

    with app.app_context():
        pool = db.engine.pool
    with at_first_checkin(pool, end) as ended:
        response = browser.post(path, data=form)
        assert ended
    return response


class at_first_checkin:  # read as a statement
    """Call a function in another thread when the first connection is returned to the pool."""

    def __init__(self, pool: object, function: Callable[[], None]) -> None:
        self.pool, self.function = pool, function
        self.called: list[bool] = []

    def __enter__(self) -> list[bool]:
        event.listen(self.pool, "checkin", self.call)
        return self.called

    def __exit__(self, *_: object) -> None:
        event.remove(self.pool, "checkin", self.call)

    def call(self, *_: object) -> None:
        if not self.called:
            self.called.append(True)
            with ThreadPoolExecutor(1) as other:
                other.submit(self.function).result()


def rows_of(app: Application, *models: type) -> Rows:
    """Return all rows of these tables."""
    with app.app_context():
        return {
            table.name: [tuple(row) for row in db.session.execute(select(table))]
            for table in map(table_of, models)
        }


def requires_sign_in(response: TestResponse) -> bool:
    """Return whether the response asks for a sign-in."""
    return response.status_code == 401 or response.location == "/login"
