"""`flask mail …`: the outbox, as an operator sees it."""

from threading import Event

import click
from flask import current_app
from sqlalchemy import select

from app.commands import Commands
from app.database import db
from app.jobs.commands import (
    all_option,
    echo_rows,
    id_argument,
    retry_given_up,
    state_option,
    work_off,
)
from app.mail.models import Message
from app.mail.outbox import AddressRefused, send_mail_later
from app.mail.sending import OUTBOX

mail = Commands("mail", help="List, send and retry the mails in the outbox.")


@mail.command("list")
@state_option
def list_(state: str | None) -> None:
    """Show the mails on record, newest first."""
    echo_rows(OUTBOX, state)


@mail.command()
def send() -> None:
    """Send what is due: for cron, where no process of the site works the outbox off."""
    require_transport()
    work_off(OUTBOX, Event())


@mail.command()
@id_argument
@all_option
def retry(row_id: int | None, all_of_them: bool) -> None:
    """Let a mail that was given up be tried anew."""
    retry_given_up(OUTBOX, row_id, all_of_them=all_of_them)


@mail.command()
@click.argument("address")
def test(address: str) -> None:
    """Send a mail to ADDRESS now, and say what the mail server said."""
    require_transport()
    try:
        send_mail_later(address, "mail/test")
    except AddressRefused as error:
        raise click.ClickException(str(error)) from error
    work_off(OUTBOX, Event())
    last = db.session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
    click.echo(f"The mail to {last.recipient}: {last.state}. {last.last_error}".rstrip())


def require_transport() -> None:
    if current_app.extensions["mail_transport"] is None:
        raise click.ClickException(
            "MAIL_URL is not set, so no mail is sent. The outbox keeps them: `flask mail list`."
        )
