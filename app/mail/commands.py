"""`flask mail …`: list, send and retry the emails in the outbox."""

from threading import Event

import click
from flask import current_app
from sqlalchemy import select

from app.database import db
from app.database.commands import Commands
from app.jobs.commands import (
    all_option,
    echo_rows,
    id_argument,
    process_due,
    retry_given_up,
    state_option,
)
from app.mail.models import Message
from app.mail.outbox import AddressRefused, send_mail_later
from app.mail.sending import OUTBOX

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
    """Retry an email that was given up."""
    retry_given_up(OUTBOX, row_id, retry_all=retry_all)


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


def require_transport() -> None:
    if current_app.extensions["mail_transport"] is None:
        raise click.ClickException(
            "MAIL_URL is not set, so no email is sent. The outbox keeps them: `flask mail list`."
        )
