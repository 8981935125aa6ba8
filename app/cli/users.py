"""`flask users`: manage accounts as an operator."""

from collections.abc import Iterator
from contextlib import contextmanager
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
from app.unit_of_work import reading, unit_of_work
from app.users import new_user_options, user_commands
from app.users.accounts import (
    EmailTaken,
    InvalidEmail,
    create_user,
    get_user,
    list_users,
    lock_user,
    require_new_email,
)
from app.users.hashing import hash_password
from app.users.password_policy import (
    PasswordRefused,
    min_password_length,
    require_good_password,
)

users = Commands("users", help="Create, list, disable and enable users.")


# Without prompt=True, which would ask for the password before the address is checked.
password_option = click.option("--password", help="Prompted for if omitted.")


def init_app(app: Application) -> None:
    for command in user_commands.items(app):
        users.add_command(command)
    create.params = [*OWN_PARAMS, *(added.option for added in new_user_options.items(app))]
    app.cli.add_command(users)


@users.command()
@click.argument("email")
@password_option
def create(email: str, password: str | None, **options: Any) -> None:
    """Create a user, who can sign in immediately."""
    with reading(), _explained():
        require_new_email(email)
    password = _good_password(password, email)
    with unit_of_work():
        with _explained():
            user = create_user(email, password)
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
def set_password(email: str, password: str | None) -> None:
    """Set a new password, end all logins, and reset the count of failed attempts."""
    with reading():
        get_user(email)
    password_hash = hash_password(_good_password(password, email))
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


@contextmanager
def _explained() -> Iterator[None]:
    """Report an address that cannot have a new account as the error of the command."""
    try:
        yield
    except (EmailTaken, InvalidEmail) as error:
        raise click.ClickException(str(error)) from error


def _good_password(given: str | None, email: str) -> str:
    """Return the password of the option, or ask for one. Raises ClickException."""
    if given is None:
        return _ask_for_password(email)
    try:
        require_good_password(given, email)
    except PasswordRefused as refusal:
        raise click.ClickException(f"Nothing was changed. {refusal}") from refusal
    return given


def _ask_for_password(email: str) -> str:
    """Prompt until a password is accepted, so that a short one does not end the command."""

    def require_good(password: str) -> str:
        try:
            require_good_password(password, email)
        except PasswordRefused as refusal:
            raise click.UsageError(str(refusal)) from refusal
        return password

    password: str = click.prompt(
        f"Password (at least {min_password_length()} characters)",
        hide_input=True,
        confirmation_prompt=True,
        value_proc=require_good,
    )
    return password
