"""What staff see of a user, and what they do: each action is recorded with its reason."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select

from app.accounts.disabling import disable_account, enable_account
from app.accounts.links import DailyLimitReached, SentRecently, claim_email_slot
from app.accounts.mail import mail_reset
from app.accounts.models import CHANGE_EMAIL, RESET, MailedLink
from app.accounts.password_reset import make_reset_link
from app.audit.models import SecurityEvent
from app.audit.trail import record
from app.clock import now
from app.crypto.tokens import digest
from app.database import db, search_key, starts_with
from app.mail.models import Message, SuppressedAddress
from app.mail.suppression import find_suppression
from app.roles.held import roles_of
from app.roles.models import RoleHeld
from app.roles.tables import permissions_in
from app.sessions.listing import active_logins
from app.sessions.logins import end_logins
from app.sessions.models import LoginSession
from app.staff.actions import LOGINS_ENDED, RESET_SENT
from app.staff.events import events_with_users
from app.staff.factor_reset import find_factor_reset
from app.staff.models import FactorReset
from app.staff.refusals import AccountUnusable, EmailLimitReached
from app.two_factor.factors import FactorKind, factor_kinds_of
from app.users.accounts import is_usable
from app.users.models import User
from app.users.scheduled_deletions import Deletion

# Logins, events and emails on the page of a user, newest first.
MAX_SHOWN = 10


def people_starting_with(prefix: str) -> Select[Any]:
    """Select the users whose address starts with this text, with the date of their deletion."""
    people = select(User, Deletion.due_at).outerjoin(Deletion, Deletion.user_id == User.id)
    found = people.where(starts_with(User.email, prefix))
    return found.order_by(search_key(User.email), User.id)


@dataclass(frozen=True)
class Person:
    """What the page of a user shows. Neither a secret nor a digest is in it."""

    user: User
    deletion_due_at: datetime | None
    roles: list[RoleHeld]
    logins: list[LoginSession]
    factors: list[FactorKind]
    factor_reset: FactorReset | None
    # Each with the address of its user and of the staff who acted.
    events: list[Row[tuple[SecurityEvent, str | None, str | None]]]
    # The template, the state and the time of each. Never a subject or a text.
    emails: list[Row[tuple[str, str, datetime]]]
    suppressed: SuppressedAddress | None
    new_email: str | None

    @property
    def permissions(self) -> frozenset[str]:
        return permissions_in([held.role for held in self.roles if not held.has_expired])

    @property
    def version(self) -> str:
        return version_of(self.user, self.deletion_due_at, self.factor_reset)


def read_person(user: User) -> Person:
    emails = select(Message.name, Message.state, Message.created_at)
    return Person(
        user,
        find_due_at(user),
        roles_of(user),
        list(db.session.scalars(active_logins(user, but=None).limit(MAX_SHOWN))),
        factor_kinds_of(user),
        find_factor_reset(user),
        newest(events_with_users().where(SecurityEvent.user_id == user.id)),
        newest(emails.where(Message.recipient == user.email).order_by(Message.id.desc())),
        find_suppression(user.email),
        find_new_email(user),
    )


def newest(rows: Select[Any]) -> list[Row[Any]]:
    return list(db.session.execute(rows.limit(MAX_SHOWN)))


def find_new_email(user: User) -> str | None:
    """Return the address that the user wants to change to and has not confirmed yet."""
    change = select(MailedLink.email).where(
        MailedLink.user_id == user.id,
        MailedLink.purpose == CHANGE_EMAIL,
        MailedLink.expires_at > now(),
    )
    return db.session.scalar(change.order_by(MailedLink.id.desc()).limit(1))


def find_due_at(user: User) -> datetime | None:
    return db.session.scalar(select(Deletion.due_at).where(Deletion.user_id == user.id))


def version_of(
    user: User, deletion_due_at: datetime | None, factor_reset: FactorReset | None
) -> str:
    """Return a text that changes with what the page offers: the address, the state, and the reset.

    Without the reset, the form of a page that offered one with a delay would confirm another.
    """
    requested_at = factor_reset.requested_at if factor_reset else None
    return digest(f"{user.email} {user.disabled_at} {deletion_due_at} {requested_at}").hex()


def disable(user: User, reason: str) -> bool:
    """Disable the account; return False if it is disabled already. Raises AccountRequired."""
    if user.is_active:
        disable_account(user, reason=reason)
        return True
    return False


def enable(user: User, reason: str) -> bool:
    """Enable the account; return False if it is enabled already."""
    if user.is_active:
        return False
    enable_account(user, reason=reason)
    return True


def end_all_logins(user: User, reason: str) -> bool:
    """End all logins; return False if there was none."""
    if not end_logins(user):
        return False
    record(LOGINS_ENDED, user.id, reason=reason)
    return True


def send_reset(user: User, reason: str) -> bool:
    """Send a link to set a new password; return False if one was sent a moment ago.

    Raises AccountUnusable, because the link would have no effect (S12), and EmailLimitReached.
    """
    if not is_usable(user):
        raise AccountUnusable
    try:
        claim_email_slot(RESET, user.email)
    except SentRecently:
        return False
    except DailyLimitReached as reached:
        raise EmailLimitReached from reached
    mail_reset(user, make_reset_link(user.email, user), None)
    record(RESET_SENT, user.id, reason=reason)
    return True
