"""Suppressed addresses, which are sent no email: bounces, and those that operators name.

A bounce is an address that its mail server rejected for good. Mail servers also do so by mistake,
and a user must not lose their account by it. So MAIL_BOUNCE_LIFETIME after a bounce, the next
email without a topic (a reset, a security notice) is tried again. If it is accepted, the address
is no longer suppressed; if not, the time starts again. Optional email never tries.

All of this happens when an email is sent, never when it is written, so no page and no response
time depends on it (A2).
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from app.clock import now
from app.database import db
from app.jobs.queued import GIVEN_UP, MAX_ERROR_LENGTH
from app.mail.addresses import AddressRefused, normalize_address
from app.mail.models import Message, SuppressedAddress
from app.unit_of_work.batches import delete_in_batches
from app.web.logs import scrub

# After this, a bounce is forgotten, and also optional email is tried once more.
FORGOTTEN_AFTER = timedelta(days=365)


def suppress(address: str, reason: str = "", *, is_bounce: bool = False) -> None:
    """Send no further email to an address. A bounce does not replace an operator's decision."""
    values: dict[str, Any] = {
        "is_bounce": is_bounce,
        "reason": scrub(reason)[:MAX_ERROR_LENGTH],
        "suppressed_at": now(),
    }
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(SuppressedAddress).values(address=key_of(address), **values)
    replaced = SuppressedAddress.is_bounce if is_bounce else None
    db.session.execute(
        insert.on_conflict_do_update(index_elements=["address"], set_=values, where=replaced)
    )


def lift_suppression(address: str) -> bool:
    """Send email to an address again; return whether it was suppressed."""
    lifted = delete(SuppressedAddress).where(SuppressedAddress.address == key_of(address))
    return db.session.scalar(lifted.returning(SuppressedAddress.address)) is not None


def lift_bounces(addresses: Iterable[str]) -> None:
    """Forget the bounces of these addresses, but not what an operator has suppressed."""
    keys = [key_of(address) for address in addresses]
    bounced = SuppressedAddress.address.in_(keys) & SuppressedAddress.is_bounce
    db.session.execute(delete(SuppressedAddress).where(bounced))


def find_suppression(address: str) -> SuppressedAddress | None:
    return db.session.get(SuppressedAddress, key_of(address))


def key_of(address: str) -> str:
    """Return the stored form: in lower case, and the domain in ASCII."""
    try:
        return normalize_address(address).lower()
    except AddressRefused:
        return address.lower()


def is_withheld(message: Message, suppressed: SuppressedAddress | None) -> bool:
    """Return whether the address is sent no email now."""
    if suppressed is None:
        return False
    retry_at = suppressed.suppressed_at + current_app.config["MAIL_BOUNCE_LIFETIME"]
    return not suppressed.is_bounce or message.topic is not None or now() < retry_at


def list_suppressed(limit: int) -> list[SuppressedAddress]:
    newest = SuppressedAddress.suppressed_at.desc()
    return list(db.session.scalars(select(SuppressedAddress).order_by(newest).limit(limit)))


def lift_bounces_of_given_up(message_id: int | None) -> None:
    """Forget the bounces of the emails that an operator retries: all, or one."""
    given_up = select(Message.recipient).where(Message.state == GIVEN_UP)
    if message_id is not None:
        given_up = given_up.where(Message.id == message_id)
    lift_bounces(db.session.scalars(given_up).all())


def prune_bounces() -> int:
    """Delete bounces older than FORGOTTEN_AFTER; return how many."""
    is_old = SuppressedAddress.suppressed_at < now() - FORGOTTEN_AFTER
    return delete_in_batches(SuppressedAddress, SuppressedAddress.is_bounce & is_old)
