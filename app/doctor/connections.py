"""Checks of what the site stands on: database, migrations, clock, Redis, broker, mail, folders."""

import smtplib
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryFile
from urllib.parse import urlsplit

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.application import Application
from app.clock import now
from app.database import db
from app.doctor.findings import Finding, fine, warning, wrong
from app.mail.transports import Folder, MailServer
from app.redis import redis, redis_error
from app.revisions import known_revisions, newest
from app.start import lacks_migrations
from app.unit_session import READING
from config import SettingRefused

# Logins that expire by the minute, and claims on jobs, bear this much between two clocks.
LARGEST_SKEW = timedelta(seconds=5)
PORTS = {"redis": 6379, "rediss": 6379, "amqp": 5672, "amqps": 5671}
# Seconds until a broker that does not answer counts as away.
TIMEOUT = 2


def check_database(app: Application) -> Iterator[Finding]:
    try:
        behind = lacks_migrations()
    except SettingRefused as refusal:
        yield wrong(refusal.message, about="database")
        return
    yield fine("The database can be reached.")
    if behind:
        yield wrong("The database lacks migrations. Run `flask db upgrade`.", about="migrations")
    else:
        yield fine("The database has all migrations.")


def check_heads(app: Application) -> Iterator[Finding]:
    heads = newest(known_revisions())
    if len(heads) > 1:
        yield wrong(f"Migrations end in {len(heads)} heads. Run `flask db merge heads`.")


def check_clock(app: Application) -> Iterator[Finding]:
    """Compare our clock with PostgreSQL's; SQLite has none of its own."""
    if app.config["DATABASE_URL"].startswith("sqlite"):
        return
    try:
        with db.engines[READING].connect() as connection:
            theirs = connection.execute(text("SELECT extract(epoch FROM clock_timestamp())"))
            skew = abs(datetime.fromtimestamp(float(theirs.scalar_one()), UTC) - now())
    except SQLAlchemyError:
        return  # check_database has said so
    if skew > LARGEST_SKEW:
        yield warning(f"Our clock and the database's differ by {skew}. Let NTP set both.")
    else:
        yield fine("Our clock and the database's agree.")


def check_redis(app: Application) -> Iterator[Finding]:
    if not app.config["REDIS_URL"]:
        return
    try:
        redis().ping()
    except redis_error() as error:
        reason = type(error).__name__
        yield wrong(f"REDIS_URL names a server that cannot be reached ({reason}).", about="redis")
    else:
        yield fine("Redis can be reached.")


def check_broker(app: Application) -> Iterator[Finding]:
    url = urlsplit(app.config["CELERY_BROKER_URL"])
    if not url.hostname:
        return
    try:
        address = (url.hostname, url.port or PORTS.get(url.scheme, 0))
        socket.create_connection(address, timeout=TIMEOUT).close()
    except OSError as error:
        yield wrong(f"CELERY_BROKER_URL names a server that cannot be reached ({error}).")
    else:
        yield fine("The broker can be reached.")


def check_mail_server(app: Application) -> Iterator[Finding]:
    transport = app.extensions["mail_transport"]
    if not isinstance(transport, MailServer):
        return
    try:
        transport.connect().close()
    except (OSError, smtplib.SMTPException) as error:
        yield wrong(f"MAIL_URL names a server that does not let us in ({type(error).__name__}).")
    else:
        yield fine("The mail server lets us in.")


def check_folders(app: Application) -> Iterator[Finding]:
    transport = app.extensions["mail_transport"]
    needed = [transport.path] if isinstance(transport, Folder) else []
    if app.config["DATABASE_URL"].startswith("sqlite"):
        needed.append(Path(db.engine.url.database or "").parent)
    for folder in needed:
        if is_writable(folder):
            yield fine(f"{folder} can be written to.")
        else:
            yield wrong(f"{folder} cannot be written to, and the database or the mails go there.")


def is_writable(folder: Path) -> bool:
    """Return whether a folder can be written to, or made where it is missing.

    By writing: for root, what the system says of permissions is not the whole truth.
    """
    there = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        TemporaryFile(dir=there).close()
    except OSError:
        return False
    return True
