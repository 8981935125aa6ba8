"""Click commands that report database errors in one sentence."""

from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError


class Command(click.Command):
    def invoke(self, context: click.Context) -> Any:
        """Run the command. Raises ClickException instead of a database error."""
        try:
            return super().invoke(context)
        except DBAPIError as error:
            raise click.ClickException(
                f"The database rejected this ({error.orig}), and it was not saved. If the "
                "database is new, run `flask db upgrade` first."
            ) from error


class Commands(Command, AppGroup):
    """A group of such commands, like `flask users`."""
