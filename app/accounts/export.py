"""Give people a copy of everything that is kept about them (GDPR, article 15 and 20)."""

import json
from typing import Any

from flask import current_app
from sqlalchemy import LargeBinary, inspect, select

from app.accounts.links import ONE_WISH
from app.accounts.mail import mail_export
from app.accounts.models import Export, MailedLink
from app.audit.actions import Action
from app.audit.models import SecurityEvent
from app.audit.trail import record
from app.clock import now
from app.database import Model, db
from app.jobs.later import job, run_later
from app.preferences.models import Preferences
from app.sessions.models import LoginSession
from app.users.models import User
from app.users.people import lock_user

# Every table that keeps something about a person. A new one of yours belongs here.
ABOUT_A_PERSON: tuple[type[Model], ...] = (
    LoginSession,
    Preferences,
    SecurityEvent,
    MailedLink,
)
# What would open doors if the file were lost.
SECRET = frozenset({"password_hash"})


def ask_for_export(user: User) -> Export:
    """Have a job make the file and mail its owner when it is there; a double click is one wish."""
    lock_user(user)
    latest = latest_export(user)
    if latest is not None and latest.created_at > now() - ONE_WISH:
        return latest
    expires_at = now() + current_app.config["EXPORT_LIFETIME"]
    export = Export(user_id=user.id, expires_at=expires_at)
    db.session.add(export)
    db.session.flush()
    record(Action.DATA_EXPORTED, user.id)
    run_later(make_export, export.id)
    return export


@job
def make_export(export_id: int) -> None:
    """Write the file, once: a job may run twice."""
    export = db.session.get(Export, export_id)
    if export is None or export.content is not None:
        return
    user = db.session.get_one(User, export.user_id)
    export.content = json.dumps(everything_about(user), indent=2, default=str).encode()
    export.made_at = now()
    mail_export(user)


def latest_export(user: User) -> Export | None:
    """Return the newest copy that was asked for and can still be had."""
    return db.session.scalar(
        select(Export)
        .where(Export.user_id == user.id, Export.expires_at > now())
        .order_by(Export.id.desc())
        .limit(1)
    )


def everything_about(user: User) -> dict[str, Any]:
    """Return the person's row and, table by table, every row that points to it."""
    tables = {
        kind.__tablename__: [
            readable(row)
            for row in db.session.scalars(select(kind).where(kind.user_id == user.id))  # type: ignore[attr-defined]  # all of ABOUT_A_PERSON have it
        ]
        for kind in ABOUT_A_PERSON
    }
    return {"user": readable(user), **tables}


def readable(row: Model) -> dict[str, Any]:
    """Return a row's columns by name, without secrets and digests of secrets."""
    columns = inspect(type(row)).columns
    return {
        column.key: getattr(row, column.key)
        for column in columns
        if column.key not in SECRET and not isinstance(column.type, LargeBinary)
    }
