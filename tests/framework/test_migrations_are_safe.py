"""Migrations of a site in use: one process at a time, short lock waits, no data dropped."""

import re
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from time import monotonic

import psycopg
import pytest
from flask_migrate import upgrade
from sqlalchemy import inspect

from app.application import Application
from app.database import db
from tests.conftest import SETTINGS
from tests.databases import only_on
from tests.framework.migrating import HEAD, MIGRATIONS, flask, heads, migrate

REVISION = '''"""the migration of the test"""

import sqlalchemy as sa
from alembic import op

revision = "later"
down_revision = {head!r}


def upgrade():
    {step}


def downgrade():
    pass
'''
# Loads the site once, then migrates in several processes at the same moment.
MIGRATE_AT_ONCE = """
import os, sys
from app import create_app
from flask_migrate import upgrade

app = create_app({settings!r})
begin, ready = os.pipe()
children = []
for number in range({many}):
    child = os.fork()
    if not child:
        os.close(ready)
        os.read(begin, 1)
        with app.app_context():
            upgrade(directory={folder!r})
        os._exit(0)
    children.append(child)
os.close(ready)
sys.exit(any(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children))
"""
CONCURRENTLY = """with op.get_context().autocommit_block():
        op.create_index("later", "users", ["email"], postgresql_concurrently=True)"""
DROP_COLUMN = """with op.batch_alter_table("users") as table:
        table.drop_column("display_name")"""
RENAME_COLUMN = """with op.batch_alter_table("users") as table:
        table.alter_column("display_name", new_column_name="name")"""
DESTRUCTIVE = {
    "a table": 'op.drop_table("preferences")',
    "a column": DROP_COLUMN,
    "a column, in SQL": 'op.execute("ALTER TABLE preferences DROP COLUMN theme")',
    "rows": 'op.execute("DELETE FROM users")',
    "rows, by the connection": 'op.get_bind().execute(sa.text("DELETE FROM users"))',
    "the name of a table": 'op.rename_table("preferences", "choices")',
    "the name of a column": RENAME_COLUMN,
}
HARMLESS = {
    "a new column": 'op.add_column("users", sa.Column("shoe_size", sa.Integer()))',
    "a recreated table": """with op.batch_alter_table("users") as table:
        table.alter_column("display_name", type_=sa.String(160), existing_nullable=False)""",
    "a constraint dropped": """with op.batch_alter_table("users") as table:
        table.drop_constraint(op.f("ck_users_email_is_lower_case"), type_="check")""",
    "an index dropped": 'op.drop_index("ix_login_sessions_expires_at")',
}


@pytest.fixture
def next_step(tmp_path: Path) -> Callable[[str], Path]:
    """Add a migration: next_step("op.…") returns the folder of all migrations."""
    folder = tmp_path / "migrations"

    def write(step: str) -> Path:
        subprocess.run(["cp", "-r", MIGRATIONS, folder], check=True)
        source = REVISION.format(head=HEAD, step=step)
        (folder / "versions" / "99991231_later.py").write_text(source)
        return folder

    return write


def try_to_migrate(app: Application, folder: Path, *, destructive: str = "no") -> bool:
    try:
        with app.app_context():
            upgrade(directory=str(folder), x_arg=f"destructive={destructive}")
    except SystemExit:
        return False
    return True


@pytest.mark.parametrize("step", DESTRUCTIVE.values(), ids=DESTRUCTIVE)
def test_a_destructive_migration_is_refused_until_it_is_requested(
    step: str, empty: Application, next_step: Callable[[str], Path]
) -> None:
    migrate(empty)
    folder = next_step(
        f'op.create_table("made_before", sa.Column("id", sa.Integer()))\n    {step}'
    )
    assert not try_to_migrate(empty, folder)
    assert heads(empty) == (HEAD,)
    with empty.app_context():
        assert not inspect(db.engine).has_table("made_before")
    assert try_to_migrate(empty, folder, destructive="yes")


@pytest.mark.parametrize("step", HARMLESS.values(), ids=HARMLESS)
def test_a_migration_that_drops_no_data_is_applied(
    step: str, empty: Application, next_step: Callable[[str], Path]
) -> None:
    migrate(empty)
    assert try_to_migrate(empty, next_step(step))


def test_a_destructive_migration_is_applied_to_a_new_database(
    empty: Application, next_step: Callable[[str], Path]
) -> None:
    assert try_to_migrate(empty, next_step(DROP_COLUMN))


def test_a_downgrade_says_what_it_would_drop_and_how_to_request_it(
    empty: Application, caplog: pytest.LogCaptureFixture
) -> None:
    migrate(empty)
    assert flask(empty, "db", "downgrade", "base").exit_code == 1
    assert re.search("DROP TABLE|Dropping", caplog.text)
    assert "-x destructive=yes" in caplog.text
    assert flask(empty, "db", "downgrade", "-x", "destructive=yes", "base").exit_code == 0


def test_twenty_at_once_migrate_once(empty: Application, next_step: Callable[[str], Path]) -> None:
    """A second CREATE TABLE would fail; CREATE INDEX CONCURRENTLY waits for all transactions."""
    folder = next_step(CONCURRENTLY if on_postgresql(empty) else "pass")
    settings = {**SETTINGS, "DATABASE_URL": empty.config["DATABASE_URL"]}
    script = MIGRATE_AT_ONCE.format(settings=settings, many=20, folder=str(folder))
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=MIGRATIONS.parent, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    assert heads(empty) == ("later",)


@only_on("postgresql", "empty")  # SQLite has one writer at a time.
def test_a_migration_gives_up_soon_if_a_table_is_locked(
    empty: Application, next_step: Callable[[str], Path]
) -> None:
    migrate(empty)
    empty.config["MIGRATION_LOCK_TIMEOUT"] /= 10
    url = empty.config["DATABASE_URL"].replace("+psycopg", "")
    with closing(psycopg.connect(url)) as reader:
        reader.execute("SELECT email FROM users")
        began = monotonic()
        with pytest.raises(Exception, match="lock timeout"):
            try_to_migrate(empty, next_step(HARMLESS["a new column"]))
        assert monotonic() - began < 2
    assert heads(empty) == (HEAD,)


def on_postgresql(app: Application) -> bool:
    return str(app.config["DATABASE_URL"]).startswith("postgresql")
