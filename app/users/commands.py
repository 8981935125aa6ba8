"""The command group `flask users`, to which other parts add commands."""

import click

from app.database.commands import Commands
from app.users.accounts import find_user
from app.users.models import User

users = Commands("users", help="Create, list, disable and enable users.")


def get_by_email(email: str) -> User:
    """Return the user. Raises ClickException if no account has this email address."""
    user = find_user(email)
    if user is None:
        raise click.ClickException(f"No user has the email address {email}.")
    return user
