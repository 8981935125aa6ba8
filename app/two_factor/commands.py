"""`flask users reset-factors` and `flask users reseal-factors`."""

import click

from app.application import Application
from app.two_factor.authenticators import reseal_authenticators
from app.two_factor.factors import reset_factors as remove_all
from app.unit_of_work import unit_of_work
from app.users.commands import get_by_email, users


def init_app(app: Application) -> None:
    """Have the command known: importing this file has added it to its group."""


@users.command()
@click.argument("email")
def reset_factors(email: str) -> None:
    """Remove every second factor of a person who has lost them; ends all their logins.

    Make sure first that it is them: this is the way in that no code guards.
    """
    with unit_of_work():
        user = get_by_email(email)
        ended = remove_all(user)
        way_in = (
            "the password alone" if user.password_hash else "a password, once one is set by mail"
        )
    click.echo(f"{user.email} signs in with {way_in}; logins ended: {ended}.")


@users.command()
def reseal_factors() -> None:
    """Encrypt every secret under the SECRET_KEY in force, so that a former one can go."""
    click.echo(f"{reseal_authenticators()} secrets were under a former key and are no longer.")
