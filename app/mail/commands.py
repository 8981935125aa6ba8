"""`flask mail …`: list, send and retry the emails in the outbox, and suppress addresses."""

from threading import Event

import click
from flask import current_app
from sqlalchemy import select

from app.database import db
from app.database.commands import Commands
from app.jobs.commands import (
    MAX_LISTED,
    all_option,
    echo_rows,
    id_argument,
    process_due,
    retry_given_up,
    state_option,
)
from app.mail.addresses import AddressRefused, normalize_address
from app.mail.models import Message
from app.mail.outbox import send_mail_later
from app.mail.sending import OUTBOX
from app.mail.suppression import (
    lift_bounces_of_given_up,
    lift_suppression,
    list_suppressed,
    suppress,
)
from app.unit_of_work import unit_of_work

mail = Commands("mail", help="List, send and retry the emails in the outbox.")


@mail.command("list")
@state_option
def list_(state: str | None) -> None:
    """List the stored emails, newest first."""
    echo_rows(OUTBOX, state)


@mail.command()
def send() -> None:
    """Send all due emails: for cron, if no other process does it."""
    require_transport()
    process_due(OUTBOX, Event())


@mail.command()
@id_argument
@all_option
def retry(row_id: int | None, retry_all: bool) -> None:
    """Retry an email that was given up, also if the address was rejected."""
    retry_given_up(OUTBOX, row_id, retry_all=retry_all, prepare=lift_bounces_of_given_up)


@mail.command()
@click.argument("address")
def test(address: str) -> None:
    """Send an email to ADDRESS now, and print the mail server's answer."""
    require_transport()
    try:
        send_mail_later(address, "mail/test")
    except AddressRefused as error:
        raise click.ClickException(str(error)) from error
    process_due(OUTBOX, Event())
    last = db.session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
    click.echo(f"The email to {last.recipient}: {last.state}. {last.last_error}".rstrip())


@mail.command("suppress")
@click.argument("address")
@click.option("--reason", default="", help="Why, for other operators.")
def suppress_(address: str, reason: str) -> None:
    """Send no email to ADDRESS any more, not even a password reset."""
    with unit_of_work():
        suppress(require_address(address), reason)
    click.echo(f"No email is sent to {address}. To undo it: flask mail unsuppress {address}")


@mail.command()
@click.argument("address")
def unsuppress(address: str) -> None:
    """Send email to ADDRESS again, whether it bounced or was suppressed."""
    with unit_of_work():
        was_suppressed = lift_suppression(require_address(address))
    if not was_suppressed:
        raise click.ClickException(f"{address} was not suppressed, so nothing was changed.")
    click.echo(f"Email is sent to {address} again.")


@mail.command()
def suppressed() -> None:
    """List the addresses that are sent no email, newest first."""
    for row in list_suppressed(MAX_LISTED):
        kind = "bounce" if row.is_bounce else "operator"
        click.echo(
            f"{row.suppressed_at:%Y-%m-%d %H:%M}  {kind:<8}  {row.address}  {row.reason}".rstrip()
        )


def require_address(address: str) -> str:
    """Return the address as it is stored. Raises ClickException if it is not one."""
    try:
        return normalize_address(address)
    except AddressRefused as error:
        raise click.ClickException(f"{error} Nothing was changed.") from error


def require_transport() -> None:
    if current_app.extensions["mail_transport"] is None:
        raise click.ClickException(
            "MAIL_URL is not set, so no email is sent. The outbox keeps them: `flask mail list`."
        )
