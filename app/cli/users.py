"""`flask users`: manage accounts as an operator."""

from typing import Any

import click

from app.accounts.disabling import disable_account, enable_account
from app.accounts.password_change import set_password as set_new_password
from app.application import Application
from app.audit.actions import Action
from app.audit.trail import record
from app.auth.throttle import clear_attempts
from app.database import db
from app.database.commands import Commands
from app.sessions.logins import end_logins
from app.unit_of_work import unit_of_work
from app.users import new_user_options, user_commands
from app.users.accounts import (
    EmailTaken,
    InvalidEmail,
    create_user,
    get_user,
    list_users,
    lock_user,
)
from app.users.hashing import hash_password
from app.users.password_policy import PasswordRefused, require_good_password

users = Commands("users", help="Create, list, disable and enable users.")


password_option = click.option(
    "--password",
    prompt=True,
    hide_input=True,
    confirmation_prompt=True,
    help="Prompted for if omitted.",
)


def init_app(app: Application) -> None:
    for command in user_commands.items(app):
        users.add_command(command)
    create.params = [*OWN_PARAMS, *(added.option for added in new_user_options.items(app))]
    app.cli.add_command(users)


@users.command()
@click.argument("email")
@password_option
def create(email: str, password: str, **options: Any) -> None:
    """Create a user, who can sign in immediately."""
    _require_good(password, email)
    with unit_of_work():
        try:
            user = create_user(email, password)
        except EmailTaken as error:
            raise click.ClickException(f"{email} has an account already.") from error
        except InvalidEmail as error:
            raise click.ClickException(str(error)) from error
        db.session.flush()  # The event needs the id.
        record(Action.ACCOUNT_CREATED, user.id)
        for added in new_user_options.items():
            added.apply(user, options[str(added.option.name)])
    click.echo(f"{user.email} can sign in now.")


OWN_PARAMS = tuple(create.params)


@users.command()
@click.argument("email")
def disable(email: str) -> None:
    """Disable a user and end all logins. The data is kept."""
    with unit_of_work():
        user = get_user(email)
        lock_user(user)
        ended = disable_account(user)
    click.echo(f"{user.email} is disabled; logins ended: {ended}.")


@users.command()
@click.argument("email")
def enable(email: str) -> None:
    """Enable a disabled user."""
    with unit_of_work():
        user = get_user(email)
        enable_account(user)
    click.echo(f"{user.email} can sign in again.")


@users.command()
@click.argument("email")
@password_option
def set_password(email: str, password: str) -> None:
    """Set a new password, end all logins, and reset the count of failed attempts."""
    _require_good(password, email)
    password_hash = hash_password(password)
    with unit_of_work():
        user = get_user(email)
        lock_user(user)
        set_new_password(user, password_hash, Action.PASSWORD_CHANGED)
        clear_attempts(user)
        ended = end_logins(user)
    click.echo(f"{user.email} has a new password; logins ended: {ended}.")


@users.command("list")
def list_() -> None:
    """List all users, oldest account first."""
    for user in list_users():
        state = "" if user.is_active else "  disabled"
        click.echo(f"{user.created_at:%Y-%m-%d}  {user.email}{state}")


def _require_good(password: str, email: str) -> None:
    try:
        require_good_password(password, email)
    except PasswordRefused as refusal:
        raise click.ClickException(f"Nothing was changed. {refusal}") from refusal
