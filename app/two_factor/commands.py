"""The commands `flask users reset-factors` and `flask users reencrypt-factors`."""

import click
from flask.cli import with_appcontext

from app.application import Application
from app.database.commands import Command
from app.two_factor.authenticators import reencrypt_authenticators
from app.two_factor.factors import reset_factors as remove_all
from app.unit_of_work import unit_of_work
from app.users import user_commands
from app.users.accounts import get_user
from app.users.models import User


def init_app(app: Application) -> None:
    user_commands.add(app, reset_factors)
    user_commands.add(app, reencrypt_factors)


@click.command(cls=Command)
@click.argument("email")
@with_appcontext
def reset_factors(email: str) -> None:
    """Remove every second factor of a user who has lost them, and end all their logins.

    Verify the identity of the user first: no code protects this.
    """
    with unit_of_work():
        user = get_user(email)
        ended = remove_all(user)
    click.echo(f"{user.email} {_sign_in_state(user)}; logins ended: {ended}.")


def _sign_in_state(user: User) -> str:
    if not user.is_active:
        return "has no second factor, and cannot sign in: the account is disabled"
    if user.password_hash is None:
        return "cannot sign in before a password is set by email, at /reset"
    return "signs in with the password alone"


@click.command(cls=Command)
@with_appcontext
def reencrypt_factors() -> None:
    """Encrypt every secret under the current SECRET_KEY, so that a former key can be removed."""
    click.echo(f"Encrypted again under the current key: {reencrypt_authenticators()} secrets.")
