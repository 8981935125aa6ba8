"""`flask seed`: made-up people, as many as one wants to try it with."""

from sqlalchemy import func, select

from app.application import Application
from app.audit.models import SecurityEvent
from app.database import db
from app.mail.models import Message
from app.sessions.models import LoginSession
from app.users.models import User
from tests.conftest import PASSWORD, visitor

SEED = ["seed", "--users", "30", "--logins", "60", "--events", "90", "--mails", "20"]


DEVELOPMENT = {"FLASK_DEBUG": "1"}


def count(app: Application) -> list[int | None]:
    with app.app_context():
        return [
            db.session.scalar(select(func.count()).select_from(table))
            for table in (User, LoginSession, SecurityEvent, Message)
        ]


def test_it_adds_what_was_asked_for_beside_what_is_there(app: Application, alice: User) -> None:
    for _ in range(2):
        result = app.test_cli_runner().invoke(args=SEED, env=DEVELOPMENT)
        assert result.exit_code == 0, result.output
    assert count(app) == [61, 120, 180, 40]


def test_who_was_given_a_password_can_sign_in(app: Application) -> None:
    words = ["seed", "--users", "3", "--password", PASSWORD]
    app.test_cli_runner().invoke(args=words, env=DEVELOPMENT)
    with app.app_context():
        somebody = db.session.scalars(select(User.email)).first()
    answer = visitor(app).submit("/login", email=somebody, password=PASSWORD)
    assert answer.status_code == 303


def test_a_site_that_is_in_use_is_filled_only_by_who_means_it(app: Application) -> None:
    result = app.test_cli_runner().invoke(args=SEED)
    assert result.exit_code == 1
    assert "Nothing was added" in result.output
    assert count(app) == [0, 0, 0, 0]
    app.test_cli_runner().invoke(args=[*SEED, "--not-development"])
    assert count(app) == [30, 60, 90, 20]
