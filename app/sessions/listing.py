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
# As many digits as fit in a datetime and in an id.
CURSOR = re.compile(r"(\d{1,16})-(\d{1,10})", re.ASCII)
# The largest value of the column.
MAX_ID = 2**31 - 1


@dataclass(frozen=True)
class Cursor:
    """The position of the last login of a page: the next page starts after it."""

    last_seen_at: datetime
    login_id: int

    def __str__(self) -> str:
        return f"{(self.last_seen_at - EPOCH) // MICROSECOND}-{self.login_id}"


def parse_cursor(text: str) -> Cursor:
    """Return the cursor in a link. Raises ValueError for any other text."""
    found = CURSOR.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return Cursor(EPOCH + int(found[1]) * MICROSECOND, min(int(found[2]), MAX_ID))


def list_logins(
    user: User, *, but: LoginSession | None, before: Cursor | None, size: int
) -> tuple[list[LoginSession], Cursor | None]:
    """Return a page of the active logins, except `but`, last used first, and its cursor.

    The cursor is None on the last page.
    """
    active = select(LoginSession).where(LoginSession.user_id == user.id, ~has_ended())
    if but is not None:
        active = active.where(LoginSession.id != but.id)
    if before is not None:
        active = active.where(_comes_after(before))
    newest = active.order_by(LoginSession.last_seen_at.desc(), LoginSession.id.desc())
    logins = list(db.session.scalars(newest.limit(size + 1)))
    page = logins[:size]
    ends_at = Cursor(page[-1].last_seen_at, page[-1].id) if len(logins) > size else None
    return page, ends_at


def _comes_after(cursor: Cursor) -> ColumnElement[bool]:
    return or_(
        LoginSession.last_seen_at < cursor.last_seen_at,
        and_(LoginSession.last_seen_at == cursor.last_seen_at, LoginSession.id < cursor.login_id),
    )
