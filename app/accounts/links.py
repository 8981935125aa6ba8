"""Mailed links: single-use, with a purpose and an expiry. Only digests of tokens are stored.

A part declares its kinds of links as LinkKind (docs/accounts.md).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from app.accounts.models import MAX_PURPOSE_LENGTH, EmailThrottle, MailedLink
from app.application import ExtensionPoint
from app.clock import now
from app.crypto.tokens import digest, make_token
from app.database import db
from app.mail.outbox import may_mail_on_request
from app.sessions.logins import setting
from app.sessions.models import LoginSession
from app.unit_of_work.batches import delete_in_batches
from app.users.accounts import is_usable
from app.users.models import User, normalize_email

# A second request for the same thing within this time counts as a double click.
DOUBLE_CLICK = timedelta(minutes=1)
# How long an address gets no further link after its first, second … while the last one is valid.
RESEND_DELAYS = (DOUBLE_CLICK, DOUBLE_CLICK, timedelta(minutes=5), timedelta(minutes=15))

# The purposes of links that stop or undo a change of the account. A new password or address leaves
# them valid: otherwise an attacker could remove them, or the owner by accident.
kept_purposes: ExtensionPoint[str] = ExtensionPoint("kept_purposes")

Values = ParamSpec("Values")
Result = TypeVar("Result")


class LinkExpired(LookupError):
    """The link was used, replaced or revoked, has expired, or never existed."""


class EmailWithheld(Exception):
    """No email with a link may be sent to the address now."""


class SentRecently(EmailWithheld):
    """Such an email was sent a moment ago, and its link is valid."""


class DailyLimitReached(EmailWithheld):
    """The address has been sent MAIL_DAILY_LIMIT emails, and one of this kind within an hour."""


def is_none_or_usable(user: User | None) -> bool:
    return user is None or is_usable(user)


@dataclass(frozen=True)
class LinkKind(Generic[Values, Result]):
    """A kind of mailed link: its lifetime, and what happens when it is used.

    `use` gets the link and the values that use_link() was given. It runs at most once per link.
    If it raises, the link stays valid.
    """

    # At most 16 characters, such as `invitation`.
    purpose: str
    # A duration, or the name of the setting that contains it.
    lifetime: timedelta | str
    use: Callable[Concatenate[MailedLink, Values], Result]
    # Whether the link works in this state of its account (S12). None: it belongs to no account.
    works_for: Callable[[User | None], bool] = is_none_or_usable

    def __post_init__(self) -> None:
        if len(self.purpose) > MAX_PURPOSE_LENGTH:
            raise ValueError(
                f"The purpose {self.purpose!r} has more than {MAX_PURPOSE_LENGTH} characters."
            )

    @property
    def current_lifetime(self) -> timedelta:
        if isinstance(self.lifetime, timedelta):
            return self.lifetime
        return setting(self.lifetime)


AnyLinkKind = LinkKind[..., Any]


def claim_email_slot(purpose: str, email: str, subject: str = "") -> None:
    """Count a link for this purpose to this address, or raise SentRecently or DailyLimitReached.

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
            MailedLink.subject == subject,
            MailedLink.expires_at > now(),
        )
    )
    if newest is not None and newest > now() - RESEND_DELAYS[min(resent, len(RESEND_DELAYS) - 1)]:
        raise SentRecently
    if not may_mail_on_request(email, purpose):
        raise DailyLimitReached
    throttle = update(EmailThrottle).where(
        EmailThrottle.purpose == purpose, EmailThrottle.email == email
    )
    db.session.execute(throttle.values(resend_count=resent + 1 if newest else 0))


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
    kind: AnyLinkKind, email: str, *, subject: str = "", user: User | None = None
) -> str:
    """Return the token of a new link, and delete older ones with this address and subject."""
    older = delete(MailedLink).where(
        MailedLink.purpose == kind.purpose,
        MailedLink.email == normalize_email(email),
        MailedLink.subject == subject,
    )
    db.session.execute(older)
    return make_link(kind, email, subject=subject, user=user)


def make_link(
    kind: AnyLinkKind,
    email: str,
    *,
    subject: str = "",
    user: User | None = None,
    login: LoginSession | None = None,
    lifetime: timedelta | None = None,
) -> str:
    """Add a link for this address, and return its token.

    `subject` says what it is about, `user` whose account it acts on, and `login` which login
    requested it. `lifetime` replaces that of its kind.
    """
    token = make_token()
    db.session.add(
        MailedLink(
            token_digest=digest(token),
            purpose=kind.purpose,
            email=normalize_email(email),
            subject=subject,
            user_id=user.id if user else None,
            login_id=login.id if login else None,
            expires_at=now() + (lifetime or kind.current_lifetime),
        )
    )
    return token


def find_link(token: str, *kinds: AnyLinkKind) -> MailedLink | None:
    """Return the link if it is valid and of one of these kinds, else None. Does not use it up."""
    link: MailedLink | None = db.session.scalar(valid_links(token, *kinds))
    return link if link is not None and has_effect(link, *kinds) else None


def use_link(
    token: str,
    kind: LinkKind[Values, Result],
    *args: Values.args,
    **values: Values.kwargs,
) -> Result:
    """Do what the link is for, delete it, and return the result of `kind.use`.

    Raises LinkExpired, and what `kind.use` raises. The caller requests the commit.
    """
    link = lock_link(token, kind)
    # Not by id: SQLite gives it to the next row, if `kind.use` deletes this one.
    this = delete(MailedLink).where(MailedLink.token_digest == link.token_digest)
    result = kind.use(link, *args, **values)
    db.session.execute(this)
    return result


def lock_link(token: str, kind: AnyLinkKind) -> MailedLink:
    """Lock the user of the link, if it has one, then the link, and return the link.

    Both are read again under the lock: if the link was used or the account disabled while the
    request waited, this raises LinkExpired.
    """
    found = find_link(token, kind)
    if found is None:
        raise LinkExpired
    if found.user_id is not None:
        db.session.get(User, found.user_id, with_for_update=True, populate_existing=True)
    locked = valid_links(token, kind).with_for_update()
    link: MailedLink | None = db.session.scalar(
        locked, execution_options={"populate_existing": True}
    )
    if link is None or not has_effect(link, kind):
        raise LinkExpired
    return link


def valid_links(token: str, *kinds: AnyLinkKind) -> Select[Any]:
    return select(MailedLink).where(
        MailedLink.token_digest == digest(token),
        MailedLink.purpose.in_([kind.purpose for kind in kinds]),
        MailedLink.expires_at > now(),
    )


def has_effect(link: MailedLink, *kinds: AnyLinkKind) -> bool:
    """Return whether the state of the account allows the link to be used (S12)."""
    user = db.session.get(User, link.user_id) if link.user_id is not None else None
    return any(kind.works_for(user) for kind in kinds if kind.purpose == link.purpose)


def delete_links(user: User) -> None:
    """Delete the links that act on the account, such as those that set a password.

    Those of `kept_purposes` stay.
    """
    revoked = MailedLink.purpose.not_in(kept_purposes.items())
    db.session.execute(delete(MailedLink).where(MailedLink.user_id == user.id, revoked))


def prune_links() -> int:
    """Delete expired links, and return how many there were."""
    delete_in_batches(EmailThrottle, EmailThrottle.requested_at <= now() - RESEND_DELAYS[-1])
    return delete_in_batches(MailedLink, MailedLink.expires_at <= now())
