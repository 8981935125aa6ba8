"""The group `flask users …`. The parts that know what to do with people add the commands."""

from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError

from app.users.models import User
from app.users.people import find_user


class Commands(AppGroup):
    def invoke(self, context: click.Context) -> Any:
        """Say in a sentence what the database refused, where a traceback would say it in forty."""
        try:
            return super().invoke(context)
        except DBAPIError as error:
            raise click.ClickException(
                f"The database refused ({error.orig}), and nothing was changed. If it is new, "
                "run `flask db upgrade` first."
            ) from error


users = Commands("users", help="Create, list, disable and enable people.")


def get_by_email(email: str) -> User:
    """Return the person. Raises ClickException where nobody has the address."""
    user = find_user(email)
    if user is None:
        raise click.ClickException(f"Nobody has the address {email}.")
    return user
