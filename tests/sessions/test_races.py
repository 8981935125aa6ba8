"""S12: a request that waited while its login ended has no effect, on each database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app.application import Application
from app.auth.models import LoginAttempts
from app.clock import now
from app.crypto.tokens import make_token
from app.database import db
from app.preferences.models import Preferences
from app.sessions.logins import begin_login, end_login
from app.sessions.models import LoginSession
from app.sessions.rotation import replaced_values
from app.unit_of_work import unit_of_work
from app.users.accounts import lock_user
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, Clock, signed_in


@pytest.fixture
def phone(app: Application, alice: User) -> int:
    with app.app_context(), unit_of_work():
        login, _ = begin_login(alice, user_agent="", address="192.0.2.7", remembered=False)
        return login.id


@pytest.fixture
def laptop(app: Application, alice: User, phone: int, clock: Clock) -> Client:
    """The browser whose login is about to end. It has been open for half an hour."""
    client = signed_in(app, alice)
    client.get("/account")
    clock.forward(minutes=30)
    return client


def row_of(laptop: Client) -> LoginSession | None:
    with laptop.application.app_context():
        return db.session.scalar(select(LoginSession).where(LoginSession.user_agent == "tests"))


def end_it(login: LoginSession) -> None:
    end_login(login)


def replace_its_token(login: LoginSession) -> None:
    """Replace the token, as a change of the password on the same login does."""
    changes = replaced_values(make_token())
    db.session.execute(update(LoginSession).where(LoginSession.id == login.id).values(**changes))


def send_while(
    laptop: Client, ends: Callable[[LoginSession], None], path: str, **fields: str
) -> TestResponse:
    """Submit a form that waits for the user's lock, and end the login; return the response."""
    form = fields | {"csrf_token": laptop.csrf_token("/preferences")}
    with ThreadPoolExecutor(1) as other:
        with laptop.application.app_context(), unit_of_work():
            login = db.session.scalars(
                select(LoginSession).where(LoginSession.user_agent == "tests")
            ).one()
            lock_user(db.session.get_one(User, login.user_id))
            sent = other.submit(laptop.post, path, data=form)
            sleep(0.5)
            assert not sent.done(), "it waits for the lock on the user"
            ends(login)
        return sent.result()


ENDINGS = pytest.mark.parametrize(
    "ends", [end_it, replace_its_token], ids=["ended elsewhere", "token replaced"]
)


@ENDINGS
@pytest.mark.parametrize("path", ["/devices/{phone}/end", "/devices/end-others"])
def test_s12_an_ended_login_cannot_end_others(
    laptop: Client, phone: int, path: str, ends: Callable[[LoginSession], None]
) -> None:
    response = send_while(laptop, ends, path.format(phone=phone))
    assert response.status_code == 401
    with laptop.application.app_context():
        assert db.session.get(LoginSession, phone) is not None


@ENDINGS
def test_s12_an_ended_login_cannot_be_extended(
    laptop: Client, ends: Callable[[LoginSession], None]
) -> None:
    laptop.get("/account")
    before = row_of(laptop)
    assert before is not None
    response = send_while(laptop, ends, "/stay")
    assert response.status_code == 401
    after = row_of(laptop)
    assert after is None or after.last_seen_at == before.last_seen_at


@ENDINGS
def test_s12_an_ended_login_cannot_reauthenticate(
    laptop: Client, ends: Callable[[LoginSession], None]
) -> None:
    response = send_while(laptop, ends, "/prove", email="alice@example.com", password=PASSWORD)
    assert response.status_code == 401
    login = row_of(laptop)
    assert login is None or login.authenticated_at < now().replace(microsecond=0)
    assert laptop.get("/account").status_code == 303


@ENDINGS
def test_s12_an_ended_login_cannot_change_preferences(
    laptop: Client, ends: Callable[[LoginSession], None]
) -> None:
    send_while(laptop, ends, "/preferences", theme="dark")
    with laptop.application.app_context():
        assert db.session.scalars(select(Preferences.theme)).all() == []


@ENDINGS
def test_s12_a_login_that_ends_during_hashing_cannot_reauthenticate(
    laptop: Client, alice: User, ends: Callable[[LoginSession], None]
) -> None:
    """The request has read the login and holds no lock while it hashes, on SQLite either."""
    app, form = laptop.application, laptop.page("/prove").fields_for("/prove")
    slow_hash = PasswordHasher(time_cost=60, memory_cost=8192, parallelism=1).hash(PASSWORD)
    with app.app_context(), unit_of_work():
        db.session.execute(update(User).values(password_hash=slow_hash))
    with ThreadPoolExecutor(1) as other:
        sent = other.submit(laptop.post, "/prove", data=form | {"password": PASSWORD})
        while not is_counted(app):
            sleep(0.01)
        with app.app_context(), unit_of_work():
            ends(db.session.scalars(select(LoginSession).filter_by(user_agent="tests")).one())
        assert not sent.done()
        assert sent.result().status_code == 401


def is_counted(app: Application) -> bool:
    """Return whether the attempt was counted, which is right before the hashing."""
    with app.app_context():
        return db.session.scalar(select(LoginAttempts)) is not None
