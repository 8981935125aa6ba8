"""Check the database, its migrations and clock, the mail server and folders."""

import smtplib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryFile

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.application import Application
from app.checks import Finding, error, ok, warning
from app.clock import now
from app.database import READING, db
from app.database.schema_state import lacks_migrations, migrations
from app.mail.transports import Folder, MailServer
from config import SettingRefused

# Far below the shortest lifetimes that compare two clocks: idle limits and claims on jobs.
MAX_CLOCK_SKEW = timedelta(seconds=5)


def check_database(app: Application) -> Iterator[Finding]:
    try:
        behind = lacks_migrations()
    except SettingRefused as refusal:
        yield error(refusal.message, subject="database")
        return
    yield ok("The database can be reached.")
    if behind:
        yield error("The database lacks migrations. Run `flask db upgrade`.", subject="migrations")
    else:
        yield ok("The database has all migrations.")


def check_heads(app: Application) -> Iterator[Finding]:
    heads = migrations().get_heads()
    if len(heads) > 1:
        yield error(f"The migrations have {len(heads)} heads. Run `flask db merge heads`.")


def check_clock(app: Application) -> Iterator[Finding]:
    """Compare this machine's clock with PostgreSQL's. SQLite has no clock of its own."""
    if app.config["DATABASE_URL"].startswith("sqlite"):
        return
    try:
        with db.engines[READING].connect() as connection:
            seconds = connection.execute(text("SELECT extract(epoch FROM clock_timestamp())"))
            skew = abs(datetime.fromtimestamp(float(seconds.scalar_one()), UTC) - now())
    except SQLAlchemyError:
        return  # reported by check_database
    if skew > MAX_CLOCK_SKEW:
        yield warning(f"The clocks of this machine and the database differ by {skew}. Use NTP.")
    else:
        yield ok("The clocks of this machine and the database agree.")


def check_mail_server(app: Application) -> Iterator[Finding]:
    transport = app.extensions["mail_transport"]
    if not isinstance(transport, MailServer):
        return
    try:
        transport.connect().close()
    except (OSError, smtplib.SMTPException) as failure:
        reason = type(failure).__name__
        yield error(f"MAIL_URL names a server that does not accept the sign-in ({reason}).")
    else:
        yield ok("The mail server accepts the sign-in.")


def check_folders(app: Application) -> Iterator[Finding]:
    transport = app.extensions["mail_transport"]
    needed = [transport.path] if isinstance(transport, Folder) else []
    if app.config["DATABASE_URL"].startswith("sqlite"):
        needed.append(Path(db.engine.url.database or "").parent)
    for folder in needed:
        if is_writable(folder):
            yield ok(f"{folder} is writable.")
        else:
            yield error(f"{folder} is not writable, but the database or emails are stored there.")


def is_writable(folder: Path) -> bool:
    """Return whether a folder can be written to, or created if it is missing.

    By writing a file: permission bits do not tell what root may do.
    """
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        TemporaryFile(dir=existing).close()
    except OSError:
        return False
    return True
