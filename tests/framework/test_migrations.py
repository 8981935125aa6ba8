"""The migrations create the models from an empty database, and can be reversed."""

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

LATER = '''"""change users, as a later version may"""

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
        names = inspect(db.engine).get_table_names()
    # A full-text index has tables of its own on SQLite (docs/recipes/full-text-search.md).
    return {name for name in names if "_fulltext" not in name}


def checks(app: Application) -> set[tuple[str | None, str]]:
    with app.app_context():
        inspector = inspect(db.engine)
        return {
            (check["name"], check["sqltext"])
            for table in db.metadata.tables
            for check in inspector.get_check_constraints(table)
        }


def users(app: Application) -> list[tuple[Any, ...]]:
    """Return each user with the number of login sessions and the theme."""
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
    """The migrations with one more, for which SQLite has to recreate the table of users."""
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder)
    write_later(folder)
    return folder


def write_later(folder: Path, statement: str = "SELECT 1") -> None:
    """Write the later migration, with this statement at its end."""
    source = LATER.replace('"HEAD"', f'"{HEAD}"').replace("SELECT 1", statement)
    (folder / "versions" / "99991231_change_users.py").write_text(source)


@pytest.fixture
def used(empty: Application) -> Application:
    """An application with data: Alice, her preferences and two login sessions."""
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


def test_an_empty_database_is_migrated_to_the_current_models(empty: Application) -> None:
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
    """`flask db check` does not compare check constraints."""
    migrate(empty)
    migrated = checks(empty)
    with empty.app_context():
        downgrade(directory=str(MIGRATIONS), revision="base", x_arg=DESTRUCTIVE)
        db.metadata.create_all(db.engine)
    assert migrated == checks(empty)
    assert "ck_users_email_is_lower_case" in {name for name, _ in migrated}


def test_a_second_upgrade_changes_nothing(used: Application) -> None:
    assert flask(used, "db", "upgrade").exit_code == 0
    assert users(used) == [("alice@example.com", 2, "dark")]


def test_all_migrations_can_be_reversed_and_applied_again(used: Application) -> None:
    step_back(used, "base")
    assert tables(used) == {"alembic_version"}
    migrate(used)
    assert flask(used, "db", "check").exit_code == 0


def test_each_migration_can_be_reversed_and_applied_again(empty: Application) -> None:
    migrate(empty)
    for revision in ScriptDirectory(str(MIGRATIONS)).walk_revisions():
        if revision.is_merge_point:
            break  # Two branches (`make update`), between which no order is defined.
        step_back(empty, revision.down_revision or "base")
        with empty.app_context():
            upgrade(directory=str(MIGRATIONS), revision=revision.revision, x_arg=DESTRUCTIVE)
        step_back(empty, revision.down_revision or "base")
    step_back(empty, "base")
    assert tables(empty) == {"alembic_version"}


def test_recreating_a_table_loses_no_user(used: Application, later: Path) -> None:
    """SQLite drops and recreates a table to change it, which must not delete referencing rows."""
    migrate(used, later)
    assert heads(used) == ("later",)
    assert users(used) == [("alice@example.com", 2, "dark")]
    step_back(used, "-1", later)
    assert users(used) == [("alice@example.com", 2, "dark")]
    assert flask(used, "db", "check").exit_code == 0


def test_foreign_keys_are_enforced_after_a_migration(used: Application, later: Path) -> None:
    migrate(used, later)
    with used.app_context():
        with unit_of_work():
            db.session.execute(text("DELETE FROM users"))
        assert db.session.scalar(select(func.count(LoginSession.id))) == 0


@pytest.mark.parametrize(
    "mistake", ["DROP TABLE nowhere", "UPDATE users SET email = 'Alice@example.com'"]
)
def test_a_failed_migration_changes_nothing(used: Application, later: Path, mistake: str) -> None:
    write_later(later, mistake)
    with pytest.raises(DBAPIError):
        migrate(used, later)
    assert heads(used) == (HEAD,)
    assert users(used) == [("alice@example.com", 2, "dark")]
    assert flask(used, "db", "check").exit_code == 0


def test_a_migration_leaves_no_dangling_foreign_keys(used: Application, later: Path) -> None:
    """PostgreSQL deletes such rows. On SQLite, without foreign keys, the migration is refused."""
    write_later(later, "DELETE FROM users")
    with suppress(SystemExit):
        migrate(used, later)
    dangling = select(LoginSession.id).where(LoginSession.user_id.not_in(select(User.id)))
    with used.app_context():
        assert db.session.scalars(dangling).all() == []


def test_there_is_one_head() -> None:
    heads = ScriptDirectory(str(MIGRATIONS)).get_heads()
    assert len(heads) == 1, "Two migrations follow the same one: run `flask db merge heads`."
