"""Remove the second factors of a user who has lost them, after a delay or with a confirmation.

The reset takes effect after FACTOR_RESET_DELAY. Until then the owner can stop it, by the link in
an email or on the page of two-factor authentication, and a second member of staff can confirm it,
so that it takes effect at once. One member of staff alone, or an attacker who talked to one,
cannot take a second factor away unnoticed.
"""

from sqlalchemy import delete, select

from app.accounts.links import LinkExpired, LinkKind, replace_link
from app.accounts.models import MailedLink
from app.audit.trail import record
from app.clock import now
from app.database import db
from app.jobs import job, run_later, scheduled
from app.request_globals import g
from app.roles import Permission
from app.roles.granting import require_power_over
from app.roles.refusals import RoleRefused
from app.sessions.logins import setting
from app.staff.actions import (
    FACTOR_RESET_DROPPED,
    FACTOR_RESET_REQUESTED,
    FACTOR_RESET_STOPPED,
)
from app.staff.mail import mail_factor_reset
from app.staff.models import FactorReset
from app.staff.refusals import AccountUnusable, NoSecondFactor
from app.two_factor.factors import has_second_factor, reset_factors
from app.users.accounts import is_usable, lock_users
from app.users.models import User


def find_factor_reset(user: User) -> FactorReset | None:
    return db.session.get(FactorReset, user.id, populate_existing=True)


def request_factor_reset(actor: User, user: User, reason: str) -> bool:
    """Request a reset, or confirm that of another member of staff; return False for one's own.

    A confirmed reset takes effect at once. One whose staff may no longer do it is replaced: the
    actor alone cannot confirm it. The caller has locked both users and checked the permission, and
    requests the commit. Raises NoSecondFactor, and AccountUnusable because the link that stops the
    reset would have no effect (S12).
    """
    if not is_usable(user):
        raise AccountUnusable
    if not has_second_factor(user):
        raise NoSecondFactor
    pending = find_factor_reset(user)
    if pending is not None and pending.requested_by == actor.id:
        return False
    if pending is None or not is_still_allowed(pending, user):
        delay_factor_reset(actor, user, reason)
    else:
        void_factor_reset(user)
        reset_factors(user, reason=reason)
    return True


def delay_factor_reset(actor: User, user: User, reason: str) -> None:
    """Write the reset in place of another, and send the owner an email with a link to stop it."""
    due_at = now() + setting("FACTOR_RESET_DELAY")
    void_factor_reset(user)
    db.session.add(FactorReset(user_id=user.id, requested_by=actor.id, due_at=due_at))
    record(FACTOR_RESET_REQUESTED, user.id, reason=reason)
    token = replace_link(STOP_LINK, user.email, user=user)
    mail_factor_reset(user, token, due_at)


@scheduled("*/5 * * * *")
@job
def reset_due_factors() -> None:
    """Queue a job for each reset that is due."""
    due = select(FactorReset.user_id).where(FactorReset.due_at <= now())
    for user_id in db.session.scalars(due).all():
        run_later(carry_out_factor_reset, user_id)


@job
def carry_out_factor_reset(user_id: int) -> None:
    """Reset the second factors, unless the reset was stopped or staff may no longer do it."""
    user = db.session.get(User, user_id)
    pending = find_factor_reset(user) if user else None
    if user is None or pending is None:
        return
    actor = db.session.get(User, pending.requested_by)
    lock_users(user, *([actor] if actor else []))
    pending = find_factor_reset(user)
    if pending is None or pending.due_at > now():
        return
    void_factor_reset(user)
    # The event is that of the member of staff who requested it.
    g.actor_id = pending.requested_by
    if is_still_allowed(pending, user):
        reset_factors(user)
    else:
        record(FACTOR_RESET_DROPPED, user.id)


def is_still_allowed(pending: FactorReset, user: User) -> bool:
    """Return whether the rules allow the reset now: a role may have been revoked since."""
    actor = db.session.get(User, pending.requested_by)
    if actor is None or not is_usable(actor) or not is_usable(user):
        return False
    try:
        require_power_over(actor, user, Permission.RESET_FACTORS)
    except RoleRefused:
        return False
    return True


# --- Stopped by the owner


def stop_factor_reset(user: User) -> bool:
    """Drop the reset and its link; return False if no reset waits by now.

    The owner gets an email about it. The caller has locked the user, and requests the commit.
    """
    if find_factor_reset(user) is None:
        return False
    void_factor_reset(user)
    link = (MailedLink.user_id == user.id) & (MailedLink.purpose == STOP_LINK.purpose)
    db.session.execute(delete(MailedLink).where(link))
    record(FACTOR_RESET_STOPPED, user.id)
    return True


def stop_by_link(link: MailedLink) -> None:
    """Stop the reset that a link is about. Raises LinkExpired if it does not wait any more."""
    if not stop_factor_reset(db.session.get_one(User, link.user_id)):
        raise LinkExpired


def void_factor_reset(user: User) -> None:
    """Drop a reset that waits.

    Also when the account is disabled or will be deleted (S12), and when the second factors change:
    it would remove the new ones.
    """
    db.session.execute(delete(FactorReset).where(FactorReset.user_id == user.id))


STOP_LINK = LinkKind("stop-reset", "FACTOR_RESET_DELAY", use=stop_by_link, works_for=is_usable)
