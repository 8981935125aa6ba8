"""What our commands and groups of them are made of: what the database refuses, they say."""

from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError


class Command(click.Command):
    def invoke(self, context: click.Context) -> Any:
        """Say in one sentence what a traceback would say in forty. Raises ClickException."""
        try:
            return super().invoke(context)
        except DBAPIError as error:
            raise click.ClickException(
                f"The database refused ({error.orig}), and what it refused is not saved. If it is "
                "new, run `flask db upgrade` first."
            ) from error


class Commands(Command, AppGroup):
    """A group of them: `flask users …`."""
