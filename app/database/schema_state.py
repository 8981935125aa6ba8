"""Which migrations the code has, and which the database has."""

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from app.database.session import READING
from app.database.tables import db
from config import SettingRefused


def migrations() -> ScriptDirectory:
    """Return the migrations of the code. Alembic executes each file to read it."""
    extension = current_app.extensions["migrate"]
    return ScriptDirectory.from_config(extension.migrate.get_config(extension.directory))


def applied_revisions() -> set[str]:
    """Return the newest revisions of the database. Raises SettingRefused if it is unreachable."""
    try:
        with db.engines[READING].connect() as connection:
            return set(MigrationContext.configure(connection).get_current_heads())
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        raise SettingRefused(
            f"DATABASE_URL names a database that cannot be reached ({reason}). "
            "Start it, or correct the setting."
        ) from error


def lacks_migrations() -> bool:
    """Return whether the code is ahead of the database. Raises SettingRefused if it is down.

    A database that is ahead of the code is accepted: this is the state in the middle of a
    deployment, and after one was rolled back.
    """
    applied = applied_revisions()
    scripts = migrations()
    known = {script.revision for script in scripts.walk_revisions()}
    return applied <= known and applied != set(scripts.get_heads())
