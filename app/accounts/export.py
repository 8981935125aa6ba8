"""Give people a copy of everything that is kept about them (GDPR, article 15 and 20)."""

import json
from typing import Any

from flask import current_app
from sqlalchemy import LargeBinary, inspect, select

from app.accounts.links import ONE_WISH
from app.accounts.mail import mail_export
from app.accounts.models import Export
from app.audit.actions import Action
from app.audit.trail import record
from app.clock import now
from app.database import Model, db
from app.jobs.later import job, run_later
from app.users.models import User
from app.users.people import lock_user

# What would open doors if the file were lost, and which member of staff did something (A12).
SECRET = frozenset({"password_hash", "actor_id"})


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
            for row in db.session.scalars(select(kind).where(kind.user_id == user.id))
        ]
        for kind in kinds_about_people()
    }
    return {"user": readable(user), **tables}


def kinds_about_people() -> list[type[Any]]:
    """Return every table that names its person in `user_id`; yours is among them by itself.

    Only the copies themselves are left out.
    """
    kinds = (mapper.class_ for mapper in Model.registry.mappers if "user_id" in mapper.columns)
    return sorted({*kinds} - {Export}, key=lambda kind: str(kind.__tablename__))


def readable(row: Model) -> dict[str, Any]:
    """Return a row's columns by name, without secrets and digests of secrets."""
    columns = inspect(type(row)).columns
    return {
        column.key: getattr(row, column.key)
        for column in columns
        if column.key not in SECRET and not isinstance(column.type, LargeBinary)
    }
