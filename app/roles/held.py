"""Read which roles users hold."""

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Row, func, or_, select
from sqlalchemy.exc import SQLAlchemyError

from app.application import Application
from app.checks import Finding, warning
from app.clock import now
from app.database import db
from app.roles.models import RoleHeld
from app.roles.tables import known_roles, permissions_in
from app.users.models import User

# The end of a permission that does not end by itself.
NEVER = datetime.max.replace(tzinfo=UTC)


def has_not_expired() -> ColumnElement[bool]:
    return or_(RoleHeld.expires_at.is_(None), RoleHeld.expires_at > now())


def permissions_of(user_id: int) -> frozenset[str]:
    """Return the permissions that a user has now, read from the database."""
    return frozenset(ends_of_permissions(user_id))


def ends_of_permissions(user_id: int) -> dict[str, datetime]:
    """Return the end of each permission that a user has now: the latest of all its roles."""
    held = select(RoleHeld.role, RoleHeld.expires_at)
    ends: dict[str, datetime] = {}
    for role, expires_at in db.session.execute(
        held.where(RoleHeld.user_id == user_id, has_not_expired())
    ):
        end = expires_at or NEVER
        ends |= {it: max(end, ends.get(it, end)) for it in permissions_in([role])}
    return ends


def roles_of(user: User) -> list[RoleHeld]:
    """Return the roles that a user holds, also those that have expired or are unknown."""
    held = select(RoleHeld).where(RoleHeld.user_id == user.id)
    return list(db.session.scalars(held.order_by(RoleHeld.role)))


def list_held() -> list[Row[tuple[RoleHeld, str]]]:
    """Return every role held, with the email address of its user."""
    rows = select(RoleHeld, User.email).join(User, User.id == RoleHeld.user_id)
    return list(db.session.execute(rows.order_by(User.email, RoleHeld.role)))


def check_roles(app: Application) -> Iterator[Finding]:
    """Yield a warning for each role in the database that no table contains."""
    counts = select(RoleHeld.role, func.count()).group_by(RoleHeld.role).order_by(RoleHeld.role)
    try:
        rows = db.session.execute(counts).all()
    except SQLAlchemyError:
        return  # `flask doctor` reports the database itself.
    for role, count in rows:
        if role not in known_roles():
            yield warning(
                f"Users with the role {role!r}: {count}. No part declares it, so it grants "
                f"nothing. Declare it, or run `flask roles revoke EMAIL {role}`."
            )
