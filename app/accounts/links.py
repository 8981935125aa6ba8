"""Links that are mailed: each opens one thing, once, for a while, for whoever reads that mail."""

from datetime import timedelta

from sqlalchemy import Select, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from app.accounts.models import LastAsked, MailedLink
from app.clock import now
from app.database import db
from app.mail.outbox import may_mail_on_request
from app.tokens import digest, make_token
from app.users.models import User, normalize_email

# How long a second wish for the same counts as a double click.
ONE_WISH = timedelta(minutes=1)


class LinkExpired(LookupError):
    """The link was used, was replaced, is too old, or never was one."""


def may_mail(purpose: str, email: str) -> bool:
    """Return whether an address may be sent another link of this kind now, and note that it is.

    It may once a minute, within MAIL_DAILY_LIMIT. The row decides between wishes that come at
    once: only one of them changes it.
    """
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(LastAsked).values(
        purpose=purpose, email=normalize_email(email), asked_at=now()
    )
    statement = insert.on_conflict_do_update(
        index_elements=["purpose", "email"],
        set_={"asked_at": now()},
        where=LastAsked.asked_at <= now() - ONE_WISH,
    ).returning(LastAsked.email)
    is_first = db.session.execute(statement).one_or_none() is not None
    return is_first and may_mail_on_request(email, purpose)


def make_link(
    purpose: str,
    email: str,
    lifetime: timedelta,
    *,
    user: User | None = None,
    password_hash: str | None = None,
) -> str:
    """Return the token of a new link to this address."""
    token = make_token()
    db.session.add(
        MailedLink(
            token_digest=digest(token),
            purpose=purpose,
            email=normalize_email(email),
            user_id=user.id if user else None,
            password_hash=password_hash,
            expires_at=now() + lifetime,
        )
    )
    return token


def find_link(token: str, *purposes: str) -> MailedLink | None:
    """Return the link while it can still be used; looking at it does not spend it."""
    return db.session.scalar(open_links(token, *purposes))


def open_links(token: str, *purposes: str) -> Select[tuple[MailedLink]]:
    return select(MailedLink).where(
        MailedLink.token_digest == digest(token),
        MailedLink.purpose.in_(purposes),
        MailedLink.expires_at > now(),
    )


def get_link(token: str, *purposes: str) -> MailedLink:
    """Return what find_link() finds, for spend_link(). Raises LinkExpired.

    The row is locked: of two who press the button at once, the later finds the link spent.
    """
    link = db.session.scalar(open_links(token, *purposes).with_for_update())
    if link is None:
        raise LinkExpired(token)
    return link


def spend_link(link: MailedLink) -> None:
    """Use the link up."""
    db.session.delete(link)
    db.session.flush()


def drop_links(user: User) -> None:
    """Make every link of a person's useless, so that no older mail opens anything any more."""
    db.session.execute(delete(MailedLink).where(MailedLink.user_id == user.id))
