"""The checks before the site serves its first request."""

from click import get_current_context
from flask.cli import FlaskGroup

from app.application import Application
from app.database import READING, db
from app.database.schema_state import lacks_migrations
from config import SettingRefused


def require_ready(app: Application) -> None:
    """Raise SettingRefused if the database cannot be reached or lacks migrations.

    Commands are not checked, because `flask db upgrade` may be the one that solves this.
    """
    if is_command():
        return
    with app.app_context():
        is_behind = lacks_migrations()
        db.engines[READING].dispose()
    if is_behind:
        raise SettingRefused("The database lacks migrations. Run `flask db upgrade`, then start.")


def is_command() -> bool:
    """Return whether the application was created for a `flask` command.

    A worker may be started by a command of another package, and is checked.
    """
    context = get_current_context(silent=True)
    return context is not None and isinstance(context.find_root().command, FlaskGroup)
