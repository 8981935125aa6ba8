"""Links that are mailed: each opens one thing, once, for a while, for the mailbox owner."""

from datetime import timedelta

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
from app.users.accounts import is_usable
from app.users.models import User, normalize_email

# How long a second request for the same counts as a double click.
DOUBLE_CLICK = timedelta(minutes=1)
# How long an address is sent no further link after the first, the second … while the last works.
RESEND_DELAYS = (DOUBLE_CLICK, DOUBLE_CLICK, timedelta(minutes=5), timedelta(minutes=15))


class LinkExpired(LookupError):
    """The link was used, was replaced, is void or too old, or never was one."""


def claim_email_slot(purpose: str, email: str) -> bool:
    """Return whether an address may be sent another link of this kind now, and count it.

    It may not soon after its last link while that still works: a double click sends one mail, and
    the owner of the mailbox has that link, whichever request it was made for. The wait grows, so
    that a stranger who keeps asking cannot void each link before its owner has used it. The row in
    `email_throttles` is locked until the unit ends, so that of two requests at once the second
    sees the link of the first. Nor may it beyond MAIL_DAILY_LIMIT.
    """
    mails = count_mails(purpose, email)
    newest = db.session.scalar(
        select(func.max(MailedLink.created_at)).where(
            MailedLink.purpose == purpose,
            MailedLink.email == email,
            MailedLink.expires_at > now(),
        )
    )
    if newest is not None and newest > now() - RESEND_DELAYS[min(mails, len(RESEND_DELAYS) - 1)]:
        return False
    if not may_mail_on_request(email, purpose):
        return False
    asked = update(EmailThrottle).where(
        EmailThrottle.purpose == purpose, EmailThrottle.email == email
    )
    db.session.execute(asked.values(mails=mails + 1 if newest else 0))
    return True


def count_mails(purpose: str, email: str) -> int:
    """Lock the row that counts, and return how many mails came after the first in a row."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(EmailThrottle).values(
        purpose=purpose, email=email, asked_at=now(), mails=0
    )
    counted = insert.on_conflict_do_update(
        index_elements=["purpose", "email"], set_={"asked_at": now()}
    )
    mails: int = db.session.scalars(counted.returning(EmailThrottle.mails)).one()
    return mails


def replace_link(
    purpose: str, email: str, lifetime: timedelta, *, user: User | None = None
) -> str:
    """Return the token of a new link, and void older ones of this purpose to this address."""
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
    """Return the token of a new link to this address."""
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
    """Return the link while it can still be used; looking at it does not spend it."""
    link = db.session.scalar(valid_links(token, *purposes))
    return link if link is not None and has_effect(link) else None


def lock_link(token: str, purpose: str) -> MailedLink:
    """Lock the account of a link, if it has one, then the link, and return it as it is now.

    A request that waited while the link was used, replaced or voided, or while its account was
    disabled, does nothing. Raises LinkExpired.
    """
    found = find_link(token, purpose)
    if found is None:
        raise LinkExpired
    if found.user_id is not None:
        db.session.get(User, found.user_id, with_for_update=True, populate_existing=True)
    locked = valid_links(token, purpose).with_for_update()
    link = db.session.scalar(locked, execution_options={"populate_existing": True})
    if link is None or not has_effect(link):
        raise LinkExpired
    return link


def valid_links(token: str, *purposes: str) -> Select[tuple[MailedLink]]:
    return select(MailedLink).where(
        MailedLink.token_digest == digest(token),
        MailedLink.purpose.in_(purposes),
        MailedLink.expires_at > now(),
    )


def has_effect(link: MailedLink) -> bool:
    """Return whether the account that a link is about may still be changed by it (S12).

    A disabled account may not, and one scheduled for deletion neither. The exception is the link
    that undoes a change of address: a thief could otherwise block it by asking for the deletion.
    """
    if link.purpose == REGISTER:
        return True
    user = db.session.get(User, link.user_id or 0)
    if user is None:
        return False
    return user.is_active if link.purpose == KEEP_EMAIL else is_usable(user)


def use_link(link: MailedLink) -> None:
    """Use the link up."""
    db.session.delete(link)
    db.session.flush()


def delete_links(user: User) -> None:
    """Void the links that would set a password or change the address of an account.

    Not those that keep the address: a thief could otherwise be rid of them.
    """
    dropped = MailedLink.purpose.in_([RESET, CHANGE_EMAIL])
    db.session.execute(delete(MailedLink).where(MailedLink.user_id == user.id, dropped))
