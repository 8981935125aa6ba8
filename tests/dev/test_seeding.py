"""`flask seed` adds sample rows."""

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


def test_seeding_twice_adds_the_rows_twice(app: Application, alice: User) -> None:
    for _ in range(2):
        result = app.test_cli_runner().invoke(args=SEED, env=DEVELOPMENT)
        assert result.exit_code == 0, result.output
    assert count(app) == [61, 120, 180, 40]


def test_a_seeded_user_with_a_password_can_sign_in(app: Application) -> None:
    args = ["seed", "--users", "3", "--password", PASSWORD]
    app.test_cli_runner().invoke(args=args, env=DEVELOPMENT)
    with app.app_context():
        email = db.session.scalars(select(User.email)).first()
    response = visitor(app).sign_in(email)
    assert response.status_code == 303


def test_seeding_production_needs_an_option(app: Application) -> None:
    result = app.test_cli_runner().invoke(args=SEED)
    assert result.exit_code == 1
    assert "Nothing was added" in result.output
    assert count(app) == [0, 0, 0, 0]
    app.test_cli_runner().invoke(args=[*SEED, "--not-development"])
    assert count(app) == [30, 60, 90, 20]
