"""Trusted devices: browsers on which a user skips the second step for a while.

A cookie contains a random token, and the row its digest. The token replaces the second step of a
sign-in with the correct password, and nothing else: reauthentication always requires both factors
(app/sessions/guards.py).
"""

from flask import request
from sqlalchemy import delete, select
from sqlalchemy.sql.elements import ColumnElement

from app.application import Application
from app.clock import now
from app.crypto.tokens import digest, make_token
from app.database import db
from app.sessions.cookies import TokenCookie
from app.sessions.logins import logins_ending, of_ended_logins, setting
from app.sessions.models import MAX_USER_AGENT_LENGTH, LoginSession
from app.two_factor.models import TrustedDevice
from app.unit_of_work.batches import delete_in_batches, pruning
from app.users.accounts import password_changed
from app.users.models import User
from app.web.rendering import slots

LIFETIME = "TRUSTED_DEVICE_LIFETIME"
cookie = TokenCookie("trusted_device", LIFETIME)


def init_app(app: Application) -> None:
    logins_ending.connect(revoke_for_ended_logins)
    password_changed.connect(revoke_all_trust)
    app.add_template_filter(find_trusted, "trusted_devices")
    pruning.add(app, ("trusted devices", prune_trusted))
    slots.add_to_slot(app, "devices", "two_factor/components/trusted_devices.html")


def trust_this_device(user: User, login: LoginSession | None) -> None:
    """Skip the second step in this browser from now on. The caller requests the commit."""
    token = make_token()
    db.session.add(
        TrustedDevice(
            token_digest=digest(token),
            user_id=user.id,
            login_id=login.id if login else None,
            user_agent=request.user_agent.string[:MAX_USER_AGENT_LENGTH],
            expires_at=now() + setting(LIFETIME),
        )
    )
    cookie.send(token)


def find_this_device(user: User) -> TrustedDevice | None:
    """Return the row of this browser if the user trusts it and it has not expired."""
    token = cookie.token
    if not token:
        return None
    return db.session.scalar(
        select(TrustedDevice).where(
            TrustedDevice.token_digest == digest(token), _is_valid_for(user)
        )
    )


def find_trusted(user: User) -> list[TrustedDevice]:
    """Return the devices that a user trusts, newest first."""
    newest = select(TrustedDevice).where(_is_valid_for(user)).order_by(TrustedDevice.id.desc())
    return list(db.session.scalars(newest))


def revoke_trust(user: User, device_id: int) -> TrustedDevice | None:
    """Revoke a device of this user and return it, or None if the user has no such device."""
    device = db.session.get(TrustedDevice, device_id)
    if device is None or device.user_id != user.id:
        return None
    db.session.delete(device)
    return device


def revoke_all_trust(user_id: int) -> None:
    """Revoke all devices of a user, including this one. A change of the password does so too."""
    db.session.execute(delete(TrustedDevice).where(TrustedDevice.user_id == user_id))


def revoke_for_ended_logins(user_id: int, *, only: int | None, but: int | None) -> None:
    """Revoke the devices of logins that were revoked, in the same unit of work."""
    ended = of_ended_logins(TrustedDevice, user_id, only=only, but=but)
    db.session.execute(delete(TrustedDevice).where(ended))


def prune_trusted() -> int:
    """Delete the expired devices; return how many."""
    return delete_in_batches(TrustedDevice, TrustedDevice.expires_at <= now())


def _is_valid_for(user: User) -> ColumnElement[bool]:
    return (TrustedDevice.user_id == user.id) & (TrustedDevice.expires_at > now())
