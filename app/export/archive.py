"""Collect all data about a user in a file, in the background."""

import json
from typing import Any

from flask import current_app
from sqlalchemy import LargeBinary, inspect, select

from app.accounts.links import DOUBLE_CLICK
from app.accounts.mail import mail_user
from app.audit.trail import record
from app.clock import now
from app.database import Model, db
from app.export.actions import DATA_EXPORTED
from app.export.models import Export
from app.jobs.later import job, run_later
from app.mail.templates import absolute_url
from app.sessions.models import LoginSession
from app.unit_of_work.batches import delete_in_batches
from app.users.models import User

# Columns left out: credentials, and which member of staff acted (A12).
EXCLUDED_COLUMNS = frozenset({"password_hash", "actor_id", "granted_by", "requested_by"})


def request_export(user: User, login: LoginSession | None) -> Export:
    """Start a job that creates the file and sends the user an email when it is ready.

    The request is void once the login that made it has ended (ended_logins.py). A double click
    counts once. The caller has locked the user, and requests the commit.
    """
    login_id = login.id if login else None
    latest = latest_export(user)
    if latest is not None and is_double_click(latest, login_id):
        return latest
    expires_at = now() + current_app.config["EXPORT_LIFETIME"]
    export = Export(user_id=user.id, login_id=login_id, expires_at=expires_at)
    db.session.add(export)
    db.session.flush()
    record(DATA_EXPORTED, user.id)
    run_later(make_export, export.id)
    return export


def is_double_click(latest: Export, login_id: int | None) -> bool:
    return latest.login_id == login_id and latest.created_at > now() - DOUBLE_CLICK


@job
def make_export(export_id: int) -> None:
    """Create the file, unless the request is void by now or the job has already run."""
    export = db.session.get(Export, export_id, with_for_update=True)
    if export is None or export.content is not None:
        return
    user = db.session.get_one(User, export.user_id)
    export.content = json.dumps(export_of(user), indent=2, default=str).encode()
    export.made_at = now()
    mail_user(user, "export/mail/ready", url=absolute_url("export.export"))


def latest_export(user: User) -> Export | None:
    """Return the newest export that has not expired, ready or not, or None."""
    return db.session.scalar(
        select(Export)
        .where(Export.user_id == user.id, Export.expires_at > now())
        .order_by(Export.id.desc())
        .limit(1)
    )


def export_of(user: User) -> dict[str, Any]:
    """Return the row of the user and, by table, every row that refers to it."""
    tables = {
        model.__tablename__: [
            readable_columns(row)
            for row in db.session.scalars(select(model).where(model.user_id == user.id))
        ]
        for model in models_about_users()
    }
    return {"user": readable_columns(user), **tables}


def models_about_users() -> list[type[Any]]:
    """Return every model that has a column `user_id`, those of the product included.

    Only the exports themselves are left out.
    """
    models = (mapper.class_ for mapper in Model.registry.mappers if "user_id" in mapper.columns)
    return sorted({*models} - {Export}, key=lambda model: str(model.__tablename__))


def readable_columns(row: Model) -> dict[str, Any]:
    """Return the columns of a row by name, without secrets and digests."""
    columns = inspect(type(row)).columns
    return {
        column.key: getattr(row, column.key)
        for column in columns
        if column.key not in EXCLUDED_COLUMNS and not isinstance(column.type, LargeBinary)
    }


def prune_exports() -> int:
    """Delete expired exports, and return how many there were."""
    return delete_in_batches(Export, Export.expires_at <= now())
