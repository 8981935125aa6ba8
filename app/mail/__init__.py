"""Email: written to the outbox in the unit of work that causes it, sent after the commit."""

from datetime import timedelta
from pathlib import Path

from click import get_current_context

from app.application import Application
from app.checks import setting_checks
from app.jobs.queue import queues
from app.mail.commands import mail
from app.mail.mime import parse_sender
from app.mail.models import Attachment
from app.mail.outbox import send_mail_later
from app.mail.sending import OUTBOX
from app.mail.suppression import prune_bounces
from app.mail.templates import absolute_url
from app.mail.topics import Topic, check_topics, topics
from app.mail.transports import MailServer, open_transport
from app.unit_of_work.batches import pruning
from config import SettingRefused

__all__ = ["Attachment", "Topic", "send_mail_later", "topics"]


def init_app(app: Application) -> None:
    timeout: timedelta = app.config["MAIL_TIMEOUT"]
    transport = open_transport(
        app.config["MAIL_URL"],
        timeout=timeout.total_seconds(),
        instance=Path(app.instance_path),
    )
    app.extensions["mail_transport"] = transport
    require_sender(app.config["MAIL_FROM"], needed=isinstance(transport, MailServer))
    if transport is not None:
        queues.add(app, OUTBOX)
    elif not (app.debug or app.testing or get_current_context(silent=True)):
        app.logger.warning("MAIL_URL is not set: emails wait in the outbox and none is sent.")
    app.add_template_global(absolute_url)
    app.cli.add_command(mail)
    setting_checks.add(app, check_topics)
    pruning.add(app, ("rejected addresses", prune_bounces))


def require_sender(sender: str, *, needed: bool) -> None:
    """Raise SettingRefused for a sender that mail servers would reject."""
    try:
        address = parse_sender(sender)
    except ValueError as error:
        raise SettingRefused(
            f"MAIL_FROM is {sender!r}. Write an address, or `Name <address>`."
        ) from error
    if needed and address.domain == "localhost":
        raise SettingRefused(
            f"MAIL_FROM is {sender!r}, but MAIL_URL names a mail server. Set it to the address "
            "that your emails come from, such as `Name <no-reply@example.com>`."
        )
