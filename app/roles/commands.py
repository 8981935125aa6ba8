"""`flask roles`, `flask users create --role`, and what `make run` says about the first admin."""

from collections.abc import Iterator
from datetime import UTC, datetime

import click
from sqlalchemy import exists, select

from app.application import Application
from app.clock import now
from app.database import db
from app.database.commands import Commands
from app.roles.granting import grant_role, revoke_role
from app.roles.held import list_held
from app.roles.last_admin import IS_ADMIN
from app.roles.models import RoleHeld
from app.roles.permissions import ADMIN
from app.roles.tables import known_roles
from app.unit_of_work import unit_of_work
from app.users import NewUserOption, first_steps_hints, new_user_options
from app.users.accounts import get_user, has_users, lock_user
from app.users.models import User

roles = Commands("roles", help="Grant, revoke and list roles.")
role_option = click.Option(["--role"], help="A role that the user gets, such as admin.")


def init_app(app: Application) -> None:
    app.cli.add_command(roles)
    new_user_options.add(app, NewUserOption(role_option, give_role))
    first_steps_hints.add(app, hint_at_first_admin)


@roles.command()
@click.argument("email")
@click.argument("role")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day on which the role ends by itself, at midnight UTC.",
)
def grant(email: str, role: str, until: datetime | None) -> None:
    """Give a user a role."""
    expires_at = until.replace(tzinfo=UTC) if until else None
    if expires_at is not None and expires_at <= now():
        raise click.BadParameter("This day has passed.", param_hint="--until")
    with unit_of_work():
        user = get_user(email)
        lock_user(user)
        is_new = grant_role(None, user, role, expires_at=expires_at)
    click.echo(f"{user.email} {'now has' if is_new else 'had'} the role {role}.")


@roles.command()
@click.argument("email")
@click.argument("role")
def revoke(email: str, role: str) -> None:
    """Take a role from a user. It ends at the user's next request."""
    with unit_of_work():
        user = get_user(email)
        lock_user(user)
        had_it = revoke_role(None, user, role)
    click.echo(f"{user.email} {'no longer has' if had_it else 'did not have'} the role {role}.")


@roles.command("list")
def list_() -> None:
    """List which users hold which roles, then each role with its permissions."""
    for held, email in list_held():
        click.echo(f"{email}  {held.role}{state_of(held)}")
    click.echo()
    for role, permissions in sorted(known_roles().items()):
        click.echo(f"{role}: {', '.join(sorted(permissions))}")


def state_of(held: RoleHeld) -> str:
    if held.role not in known_roles():
        return "  unknown"
    if held.expires_at is None:
        return ""
    word = "until" if held.expires_at > now() else "expired"
    return f"  {word} {held.expires_at:%Y-%m-%d}"


def give_role(user: User, role: str | None) -> None:
    """Give a user who has just been created the role of the option `--role`."""
    if role is not None:
        grant_role(None, user, role)


def hint_at_first_admin() -> Iterator[str]:
    """Yield how to make a user an admin, until there is one."""
    if not has_users():
        yield (
            f"To make that user an admin, add `--role {ADMIN}`, or afterwards run\n"
            f"    .venv/bin/flask roles grant you@example.com {ADMIN}"
        )
    elif not db.session.scalar(select(exists().where(IS_ADMIN))):
        yield (
            "There is no admin yet. To make a user one, run this in another terminal:\n"
            f"    .venv/bin/flask roles grant you@example.com {ADMIN}"
        )
