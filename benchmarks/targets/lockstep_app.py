"""Lockstep as in production, with the table of the page that the targets add."""

from importlib import import_module
from pathlib import Path

from argon2 import PasswordHasher
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app import create_app
from app.database import Model, db
from app.unit_of_work import unit_of_work
from app.users import hashing
from app.users.accounts import add_user
from benchmarks.targets import HASHES_CHEAPLY, LONGEST_TEXT

MIGRATIONS = Path(__file__).parents[2] / "migrations"

if HASHES_CHEAPLY:
    hashing._hasher = PasswordHasher(1, 8, 1)


class Feedback(Model):
    __tablename__ = "feedback"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(String(LONGEST_TEXT))


app = create_app()


def prepare(emails: list[str], password: str) -> None:
    # Imported late: the server does not need it, so it is not part of the measured start.
    upgrade = import_module("flask_migrate").upgrade
    with app.app_context():
        upgrade(directory=str(MIGRATIONS))
        db.metadata.create_all(db.engine, [db.metadata.tables["feedback"]])
    with app.app_context(), unit_of_work():
        password_hash = hashing.hash_password(password)
        for email in emails:
            add_user(email, password_hash)
