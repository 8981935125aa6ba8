"""What has to be right before the site is served."""

from click import get_current_context
from flask.cli import FlaskGroup
from sqlalchemy.exc import SQLAlchemyError

from app.application import Application
from app.database import db
from app.revisions import applied_revisions, known_revisions, newest
from app.unit_session import READING
from config import SettingRefused


def require_ready(app: Application) -> None:
    """Raise SettingRefused if the database cannot be reached or lacks migrations.

    A command (`flask db upgrade`) is let through: it may be the one that mends this.
    """
    if is_command():
        return
    with app.app_context():
        behind = lacks_migrations()
        db.engines[READING].dispose()
    if behind:
        raise SettingRefused("The database lacks migrations. Run `flask db upgrade`, then start.")


def is_command() -> bool:
    """Return whether the application was made for a `flask` command, such as one that mends it.

    Celery's worker is a command too, and one that serves.
    """
    context = get_current_context(silent=True)
    return context is not None and isinstance(context.find_root().command, FlaskGroup)


def lacks_migrations() -> bool:
    """Return whether the code is ahead of the database. Raises SettingRefused if it is away.

    A database ahead of the code is no reason to stay down: that is how a deployment looks in the
    middle, or when it is taken back.
    """
    try:
        with db.engines[READING].connect() as connection:
            applied = applied_revisions(connection)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        raise SettingRefused(
            f"DATABASE_URL names a database that cannot be reached ({reason}). "
            "Start it, or correct the setting."
        ) from error
    known = known_revisions()
    return applied <= known.keys() and applied != newest(known)
