"""Mailed links: single-use, with a purpose and an expiry. Only digests of tokens are stored."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.accounts.models import (
    CHANGE_EMAIL,
    KEEP_EMAIL,
    REGISTER,
    RESET,
    EmailThrottle,
    MailedLink,
)
from app.clock import now
from app.crypto.tokens import digest, make_token
from app.database import db
from app.mail.outbox import may_mail_on_request
from app.sessions.models import LoginSession
from app.unit_of_work.batches import delete_in_batches
from app.users.accounts import is_usable
from app.users.models import User, normalize_email

# A second request for the same thing within this time counts as a double click.
DOUBLE_CLICK = timedelta(minutes=1)
# How long an address gets no further link after its first, second … while the last one is valid.
RESEND_DELAYS = (DOUBLE_CLICK, DOUBLE_CLICK, timedelta(minutes=5), timedelta(minutes=15))


class LinkExpired(LookupError):
    """The link was used, replaced or revoked, has expired, or never existed."""


def claim_email_slot(purpose: str, email: str) -> bool:
    """Return whether a link for this purpose may be sent to this address now, and count it.

    No new link is sent shortly after the last one while that is valid: a double click sends one
    email. The delay grows, so that an attacker who keeps requesting links cannot replace each one
    before the mailbox owner uses it. MAIL_DAILY_LIMIT applies as well. The row in
    `email_throttles` stays locked until the unit of work ends, so the second of two concurrent
    requests sees the link of the first.
    """
    resent = lock_resend_count(purpose, email)
    newest = db.session.scalar(
        select(func.max(MailedLink.created_at)).where(
            MailedLink.purpose == purpose,
            MailedLink.email == email,
            MailedLink.expires_at > now(),
        )
    )
    if newest is not None and newest > now() - RESEND_DELAYS[min(resent, len(RESEND_DELAYS) - 1)]:
        return False
    if not may_mail_on_request(email, purpose):
        return False
    throttle = update(EmailThrottle).where(
        EmailThrottle.purpose == purpose, EmailThrottle.email == email
    )
    db.session.execute(throttle.values(resend_count=resent + 1 if newest else 0))
    return True


def lock_resend_count(purpose: str, email: str) -> int:
    """Lock the throttle row, and return how many emails have followed the first one."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(EmailThrottle).values(
        purpose=purpose, email=email, requested_at=now(), resend_count=0
    )
    counted = insert.on_conflict_do_update(
        index_elements=["purpose", "email"], set_={"requested_at": now()}
    )
    count: int = db.session.scalars(counted.returning(EmailThrottle.resend_count)).one()
    return count


def replace_link(
    purpose: str, email: str, lifetime: timedelta, *, user: User | None = None
) -> str:
    """Return the token of a new link, and delete older ones with this purpose and address."""
    older = delete(MailedLink).where(MailedLink.purpose == purpose, MailedLink.email == email)
    db.session.execute(older)
    return make_link(purpose, email, lifetime, user=user)


def make_link(
    purpose: str,
    email: str,
    lifetime: timedelta,
    *,
    user: User | None = None,
    login: LoginSession | None = None,
) -> str:
    """Add a link for this address, and return its token."""
    token = make_token()
    db.session.add(
        MailedLink(
            token_digest=digest(token),
            purpose=purpose,
            email=normalize_email(email),
            user_id=user.id if user else None,
            login_id=login.id if login else None,
            expires_at=now() + lifetime,
        )
    )
    return token


def find_link(token: str, *purposes: str) -> MailedLink | None:
    """Return the link if it is valid, else None. Does not use it up."""
    link: MailedLink | None = db.session.scalar(valid_links(token, *purposes))
    return link if link is not None and has_effect(link) else None


def lock_link(token: str, purpose: str) -> MailedLink:
    """Lock the user of the link, if it has one, then the link, and return the link.

    Both are read again under the lock: if the link was used or the account disabled while the
    request waited, this raises LinkExpired.
    """
    found = find_link(token, purpose)
    if found is None:
        raise LinkExpired
    if found.user_id is not None:
        db.session.get(User, found.user_id, with_for_update=True, populate_existing=True)
    locked = valid_links(token, purpose).with_for_update()
    link: MailedLink | None = db.session.scalar(
        locked, execution_options={"populate_existing": True}
    )
    if link is None or not has_effect(link):
        raise LinkExpired
    return link


def valid_links(token: str, *purposes: str) -> Select[Any]:
    return select(MailedLink).where(
        MailedLink.token_digest == digest(token),
        MailedLink.purpose.in_(purposes),
        MailedLink.expires_at > now(),
    )


def has_effect(link: MailedLink) -> bool:
    """Return whether the state of the account allows the link to be used (S12).

    Links have no effect on an account that is disabled or scheduled for deletion. KEEP_EMAIL works
    in the second case too: otherwise an attacker could block it by requesting the deletion.
    """
    if link.purpose == REGISTER:
        return True
    user = db.session.get(User, link.user_id or 0)
    if user is None:
        return False
    return user.is_active if link.purpose == KEEP_EMAIL else is_usable(user)


def use_link(link: MailedLink) -> None:
    db.session.delete(link)
    db.session.flush()


def delete_links(user: User) -> None:
    """Delete the links that set a password or change the email address of the account.

    Links that keep the address stay: otherwise an attacker could remove them.
    """
    revoked = MailedLink.purpose.in_([RESET, CHANGE_EMAIL])
    db.session.execute(delete(MailedLink).where(MailedLink.user_id == user.id, revoked))


def prune_links() -> int:
    """Delete expired links, and return how many there were."""
    delete_in_batches(EmailThrottle, EmailThrottle.requested_at <= now() - RESEND_DELAYS[-1])
    return delete_in_batches(MailedLink, MailedLink.expires_at <= now())
