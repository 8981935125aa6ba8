"""Give people a copy of everything that is kept about them (GDPR, article 15 and 20)."""

import json
from typing import Any

from flask import current_app
from sqlalchemy import LargeBinary, inspect, select

from app.accounts.links import DOUBLE_CLICK
from app.accounts.mail import mail_export
from app.accounts.models import Export
from app.audit.actions import Action
from app.audit.trail import record
from app.clock import now
from app.database import Model, db
from app.jobs.later import job, run_later
from app.sessions.models import LoginSession
from app.users.models import User

# What would open doors if the file were lost, and which member of staff did something (A12).
SECRET = frozenset({"password_hash", "actor_id"})


def request_export(user: User, login: LoginSession | None) -> Export:
    """Have a job make the file and mail its owner when it is there.

    It is void once the login that asked has ended (pending.py). A double click asks once. The
    caller has locked the user, and asks for the commit.
    """
    login_id = login.id if login else None
    latest = latest_export(user)
    if latest is not None and is_double_click(latest, login_id):
        return latest
    expires_at = now() + current_app.config["EXPORT_LIFETIME"]
    export = Export(user_id=user.id, login_id=login_id, expires_at=expires_at)
    db.session.add(export)
    db.session.flush()
    record(Action.DATA_EXPORTED, user.id)
    run_later(make_export, export.id)
    return export


def is_double_click(latest: Export, login_id: int | None) -> bool:
    return latest.login_id == login_id and latest.created_at > now() - DOUBLE_CLICK


@job
def make_export(export_id: int) -> None:
    """Write the file, once: a job may run twice, and what it was asked for may be void by now."""
    export = db.session.get(Export, export_id, with_for_update=True)
    if export is None or export.content is not None:
        return
    user = db.session.get_one(User, export.user_id)
    export.content = json.dumps(export_of(user), indent=2, default=str).encode()
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


def export_of(user: User) -> dict[str, Any]:
    """Return the person's row and, table by table, every row that points to it."""
    tables = {
        kind.__tablename__: [
            readable(row)
            for row in db.session.scalars(select(kind).where(kind.user_id == user.id))
        ]
        for kind in models_about_users()
    }
    return {"user": readable(user), **tables}


def models_about_users() -> list[type[Any]]:
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
