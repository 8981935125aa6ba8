"""The way from an empty database to the models, and back, on every engine."""

import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import DBAPIError

from app.application import Application
from app.clock import now
from app.database import db
from app.preferences.models import Preferences
from app.sessions.models import LoginSession
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.framework.migrating import (
    DESTRUCTIVE,
    HEAD,
    MIGRATIONS,
    flask,
    heads,
    migrate,
    step_back,
)

LATER = '''"""change people, as a later version may"""

import sqlalchemy as sa
from alembic import op

revision = "later"
down_revision = "HEAD"


def upgrade():
    with op.batch_alter_table("users") as table:
        table.add_column(sa.Column("shoe_size", sa.Integer(), server_default="42", nullable=False))
        table.alter_column("display_name", type_=sa.String(160), existing_nullable=False)
    op.execute("SELECT 1")


def downgrade():
    with op.batch_alter_table("users") as table:
        table.drop_column("shoe_size")
        table.alter_column("display_name", type_=sa.String(80), existing_nullable=False)
'''


def tables(app: Application) -> set[str]:
    with app.app_context():
        return set(inspect(db.engine).get_table_names())


def checks(app: Application) -> set[tuple[str | None, str]]:
    with app.app_context():
        inspector = inspect(db.engine)
        return {
            (check["name"], check["sqltext"])
            for table in db.metadata.tables
            for check in inspector.get_check_constraints(table)
        }


def people(app: Application) -> list[tuple[Any, ...]]:
    """Return each person with their number of logins and their theme."""
    statement = (
        select(User.email, func.count(LoginSession.id), Preferences.theme)
        .join(LoginSession, LoginSession.user_id == User.id)
        .join(Preferences, Preferences.user_id == User.id)
        .group_by(User.email, Preferences.theme)
    )
    with app.app_context():
        return [tuple(row) for row in db.session.execute(statement)]


@pytest.fixture
def later(tmp_path: Path) -> Path:
    """The migrations with one more, which makes SQLite build the table of people anew."""
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder)
    write_later(folder)
    return folder


def write_later(folder: Path, statement: str = "SELECT 1") -> None:
    """Write the later migration, with a statement after all it does."""
    words = LATER.replace('"HEAD"', f'"{HEAD}"').replace("SELECT 1", statement)
    (folder / "versions" / "99991231_change_people.py").write_text(words)


@pytest.fixture
def lived_in(empty: Application) -> Application:
    """A site that Alice has used: her row, two logins and what she chose."""
    migrate(empty)
    with empty.app_context(), unit_of_work():
        alice = User(email="alice@example.com")
        db.session.add(alice)
        db.session.flush()
        db.session.add(Preferences(user_id=alice.id, theme="dark"))
        for number in range(2):
            login = LoginSession(
                token_digest=bytes([number]) * 32,
                user_id=alice.id,
                user_agent="",
                address="",
                remembered=False,
                expires_at=now(),
            )
            db.session.add(login)
    return empty


def test_from_nothing_to_the_models_of_today(empty: Application) -> None:
    assert flask(empty, "db", "upgrade").exit_code == 0
    assert heads(empty) == (HEAD,)
    assert tables(empty) == {*db.metadata.tables, "alembic_version"}


@pytest.mark.parametrize("command", [("check",), ("migrate", "-m", "create notes")])
def test_a_developer_whose_database_is_behind_is_told_what_to_do(
    empty: Application, later: Path, command: tuple[str, ...], caplog: pytest.LogCaptureFixture
) -> None:
    assert flask(empty, "db", *command, "-d", str(later)).exit_code == 1
    assert "Run `flask db upgrade` first" in caplog.text


def test_the_models_and_the_migrations_agree(empty: Application) -> None:
    migrate(empty)
    result = flask(empty, "db", "check")
    assert result.exit_code == 0, result.output


def test_the_models_and_the_migrations_agree_on_checks(empty: Application) -> None:
    """Which `flask db check` does not compare."""
    migrate(empty)
    migrated = checks(empty)
    with empty.app_context():
        downgrade(directory=str(MIGRATIONS), revision="base", x_arg=DESTRUCTIVE)
        db.metadata.create_all(db.engine)
    assert migrated == checks(empty)
    assert "ck_users_email_is_lower_case" in {name for name, _ in migrated}


def test_upgrading_twice_does_nothing_more(lived_in: Application) -> None:
    assert flask(lived_in, "db", "upgrade").exit_code == 0
    assert people(lived_in) == [("alice@example.com", 2, "dark")]


def test_down_to_nothing_and_up_again(lived_in: Application) -> None:
    step_back(lived_in, "base")
    assert tables(lived_in) == {"alembic_version"}
    migrate(lived_in)
    assert flask(lived_in, "db", "check").exit_code == 0


def test_each_step_down_is_a_step_up_again(empty: Application) -> None:
    migrate(empty)
    for revision in ScriptDirectory(str(MIGRATIONS)).walk_revisions():
        step_back(empty, revision.down_revision or "base")
        with empty.app_context():
            upgrade(directory=str(MIGRATIONS), revision=revision.revision, x_arg=DESTRUCTIVE)
        step_back(empty, revision.down_revision or "base")
    assert tables(empty) == {"alembic_version"}


def test_nobody_is_lost_when_a_table_is_built_anew(lived_in: Application, later: Path) -> None:
    """SQLite changes a table by dropping it, and dropping people would drop their logins."""
    migrate(lived_in, later)
    assert heads(lived_in) == ("later",)
    assert people(lived_in) == [("alice@example.com", 2, "dark")]
    step_back(lived_in, "-1", later)
    assert people(lived_in) == [("alice@example.com", 2, "dark")]
    assert flask(lived_in, "db", "check").exit_code == 0


def test_foreign_keys_hold_again_after_a_migration(lived_in: Application, later: Path) -> None:
    migrate(lived_in, later)
    with lived_in.app_context():
        with unit_of_work():
            db.session.execute(text("DELETE FROM users"))
        assert db.session.scalar(select(func.count(LoginSession.id))) == 0


@pytest.mark.parametrize(
    "mistake", ["DROP TABLE nowhere", "UPDATE users SET email = 'Alice@example.com'"]
)
def test_a_migration_that_fails_leaves_everything_as_it_was(
    lived_in: Application, later: Path, mistake: str
) -> None:
    write_later(later, mistake)
    with pytest.raises(DBAPIError):
        migrate(lived_in, later)
    assert heads(lived_in) == (HEAD,)
    assert people(lived_in) == [("alice@example.com", 2, "dark")]
    assert flask(lived_in, "db", "check").exit_code == 0


def test_no_migration_leaves_rows_that_point_nowhere(lived_in: Application, later: Path) -> None:
    """PostgreSQL deletes them too; SQLite's foreign keys are off, so the migration is refused."""
    write_later(later, "DELETE FROM users")
    with suppress(SystemExit):
        migrate(lived_in, later)
    astray = select(LoginSession.id).where(LoginSession.user_id.not_in(select(User.id)))
    with lived_in.app_context():
        assert db.session.scalars(astray).all() == []


def test_there_is_one_newest_migration() -> None:
    heads = ScriptDirectory(str(MIGRATIONS)).get_heads()
    assert len(heads) == 1, "Two migrations follow the same one: run `flask db merge heads`."
