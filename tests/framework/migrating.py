"""Run the migrations up and down on an empty database."""

from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from click.testing import Result
from flask_migrate import downgrade, upgrade

from app.application import Application
from app.database import db

MIGRATIONS = Path(__file__).parent.parent.parent / "migrations"
HEAD = ScriptDirectory(str(MIGRATIONS)).get_current_head()
# The migrations refuse to drop data otherwise: see test_migrations_are_safe.py.
DESTRUCTIVE = "destructive=yes"


def migrate(app: Application, folder: Path = MIGRATIONS) -> None:
    with app.app_context():
        upgrade(directory=str(folder), x_arg=DESTRUCTIVE)


def step_back(app: Application, revision: str, folder: Path = MIGRATIONS) -> None:
    with app.app_context():
        downgrade(directory=str(folder), revision=revision, x_arg=DESTRUCTIVE)


def flask(app: Application, *args: str) -> Result:
    return app.test_cli_runner().invoke(args=args)


def heads(app: Application) -> tuple[str, ...]:
    with app.app_context(), db.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_heads()
