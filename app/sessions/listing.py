"""List the devices of a user, a page at a time."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select

from app.database import db
from app.sessions.logins import has_ended
from app.sessions.models import LoginSession
from app.users.models import User

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
# Few enough digits for a datetime, and for an id.
PLACE = re.compile(r"(\d{1,16})-(\d{1,10})", re.ASCII)
# The last number that the column holds.
LAST_ID = 2**31 - 1


@dataclass(frozen=True)
class Place:
    """The last login of a page. The next page begins with the one used before it."""

    last_seen_at: datetime
    login_id: int

    def __str__(self) -> str:
        return f"{(self.last_seen_at - EPOCH) // MICROSECOND}-{self.login_id}"


def read_place(text: str) -> Place:
    """Return the place that was written into a link. Raises ValueError for anything else."""
    found = PLACE.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return Place(EPOCH + int(found[1]) * MICROSECOND, min(int(found[2]), LAST_ID))


def list_logins(
    user: User, *, but: LoginSession | None, before: Place | None, size: int
) -> tuple[list[LoginSession], Place | None]:
    """Return a page of the logins that still hold, the last used first, and where it ends.

    `but` one of them is left out: the one that is looking. The place is None on the last page.
    """
    held = select(LoginSession).where(LoginSession.user_id == user.id, ~has_ended())
    if but is not None:
        held = held.where(LoginSession.id != but.id)
    if before is not None:
        held = held.where(_comes_after(before))
    newest = held.order_by(LoginSession.last_seen_at.desc(), LoginSession.id.desc())
    logins = list(db.session.scalars(newest.limit(size + 1)))
    page = logins[:size]
    ends_at = Place(page[-1].last_seen_at, page[-1].id) if len(logins) > size else None
    return page, ends_at


def _comes_after(place: Place) -> ColumnElement[bool]:
    return or_(
        LoginSession.last_seen_at < place.last_seen_at,
        and_(LoginSession.last_seen_at == place.last_seen_at, LoginSession.id < place.login_id),
    )
