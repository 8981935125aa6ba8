"""`flask db …` and Alembic, loaded when somebody migrates and not where the site is served.

They are 45 ms of a start and 4 MB of a process. What the start has to know of migrations is read
in app/revisions.py.
"""

from functools import cache
from importlib import import_module
from typing import cast

from click import Command
from flask_sqlalchemy import SQLAlchemy
from werkzeug.local import LocalProxy

from app.application import Application


def init_app(app: Application, db: SQLAlchemy) -> None:
    """Have whoever looks at Flask-Migrate's settings, or at its commands, set it up."""

    @cache
    def set_up() -> Application:
        """Put the real ones in their places: upgrade() and the like look for them there."""
        how = {"render_as_batch": True, "compare_server_default": True}
        import_module("flask_migrate").Migrate(app, db, **how)
        return app

    app.extensions["migrate"] = LocalProxy(lambda: set_up().extensions["migrate"])
    commands = LocalProxy(lambda: set_up().cli.commands["db"])
    app.cli.add_command(cast(Command, commands), "db")
