"""Grant and revoke roles, by rules that hold for every page.

`actor` is the user who does it; None for a command, whose operator may do everything. The caller
has locked both users, `lock_current_login(user)`, so that what the rules read does not change
until the unit of work ends. The caller also requests the commit.
"""

from collections.abc import Mapping
from datetime import datetime

from app.audit.trail import Detail, record
from app.clock import now
from app.database import db
from app.roles.actions import ROLE_GRANTED, ROLE_REVOKED
from app.roles.held import NEVER, ends_of_permissions, permissions_of
from app.roles.last_admin import require_another_admin
from app.roles.mail import mail_change
from app.roles.models import RoleHeld
from app.roles.permissions import ADMIN, Permission
from app.roles.refusals import (
    GrantOutlasts,
    OwnAccount,
    PermissionMissing,
    RoleHoldsMore,
    RoleUnknown,
    UserHoldsMore,
)
from app.roles.tables import known_roles, permissions_in
from app.users.models import User


def require_power_over(actor: User, user: User, permission: str) -> None:
    """Raise RoleRefused unless the actor may use this permission on this user now.

    Every action of staff on a user begins with this, after the lock: the page that offered it may
    be old. Staff act neither on themselves nor on users who hold a permission that they lack.
    """
    held = permissions_of(actor.id)
    if permission not in held:
        raise PermissionMissing
    if actor.id == user.id:
        raise OwnAccount
    if permissions_of(user.id) - held:
        raise UserHoldsMore


def grant_role(
    actor: User | None,
    user: User,
    role: str,
    *,
    expires_at: datetime | None = None,
    **details: Detail,
) -> bool:
    """Give a user a role, until `expires_at`; return False if that changes nothing.

    Without `expires_at`, the role has no end, or ends together with the actor's own permissions: a
    grant of staff does not outlast them. A user who has the role as long or longer keeps it so.
    `details` are recorded with the event, such as the reason. Raises RoleRefused, and LastAdmin if
    the role of the last admin would get an end.
    """
    if role not in known_roles():
        raise RoleUnknown(role, [*known_roles()])
    end = expires_at or NEVER
    if actor is not None:
        end = _require_grant(actor, user, role, expires_at)
    held = find_held(user, role)
    if held is not None:
        held_until = held.expires_at or NEVER
        if held_until == end or (expires_at is None and held_until > end):
            return False
    expires_at = None if end == NEVER else end
    if held is not None and role == ADMIN and expires_at is not None:
        require_another_admin(user)
    held = held or RoleHeld(user_id=user.id, role=role)
    held.granted_by = actor.id if actor else None
    held.granted_at, held.expires_at = now(), expires_at
    db.session.add(held)
    ends = {"until": expires_at.isoformat()} if expires_at else {}
    record(ROLE_GRANTED, user.id, role=role, **ends, **details)
    mail_change(actor, user, role, is_granted=True, expires_at=expires_at)
    return True


def revoke_role(actor: User | None, user: User, role: str, **details: Detail) -> bool:
    """Take a role from a user; return False if the user does not have it.

    Unknown and expired roles can be revoked too. Raises RoleRefused, and LastAdmin.
    """
    if actor is not None:
        require_power_over(actor, user, Permission.GRANT_ROLES)
    held = find_held(user, role)
    if held is None:
        return False
    if role == ADMIN:
        require_another_admin(user)
    db.session.delete(held)
    record(ROLE_REVOKED, user.id, role=role, **details)
    mail_change(actor, user, role, is_granted=False)
    return True


def find_held(user: User, role: str) -> RoleHeld | None:
    return db.session.get(RoleHeld, (user.id, role), populate_existing=True)


def grantable_until(ends: Mapping[str, datetime], role: str) -> datetime | None:
    """Return the latest end that a user with these permissions can give a role.

    It is the end of the first of its permissions to end. None if the user may not grant it.
    """
    permissions = permissions_in([role])
    if permissions - ends.keys():
        return None
    return min((ends[permission] for permission in permissions), default=NEVER)


def grants_by_end(ends: Mapping[str, datetime]) -> dict[datetime, list[str]]:
    """Return the roles that this user can grant only until a time, grouped by that time."""
    found: dict[datetime, list[str]] = {}
    for role in sorted(known_roles()):
        end = grantable_until(ends, role)
        if end is not None and end != NEVER:
            found.setdefault(end, []).append(role)
    return found


def _require_grant(actor: User, user: User, role: str, expires_at: datetime | None) -> datetime:
    """Return the end of the grant: `expires_at`, or the latest that is allowed."""
    require_power_over(actor, user, Permission.GRANT_ROLES)
    latest = grantable_until(ends_of_permissions(actor.id), role)
    if latest is None:
        raise RoleHoldsMore
    if expires_at is not None and expires_at > latest:
        raise GrantOutlasts(latest)
    return expires_at or latest
