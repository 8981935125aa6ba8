"""The group `flask users …`. The parts that know what to do with people add the commands."""

import click

from app.database.commands import Commands
from app.users.accounts import find_user
from app.users.models import User

users = Commands("users", help="Create, list, disable and enable people.")


def get_by_email(email: str) -> User:
    """Return the person. Raises ClickException where nobody has the address."""
    user = find_user(email)
    if user is None:
        raise click.ClickException(f"Nobody has the address {email}.")
    return user
