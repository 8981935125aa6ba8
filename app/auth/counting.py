"""The statements that count tries: each a single one, and built once.

Counting is text, because SQLAlchemy compiles an INSERT with ON CONFLICT anew each time it is sent,
and that was a sixth of a sign-in. Both databases read it as it stands here.
"""

from functools import cache

from sqlalchemy import TextClause, bindparam, delete, text, update

from app.auth.models import LoginAttempts
from app.clock import UTCDateTime
from app.tables import table_of

COUNT = """
INSERT INTO login_attempts AS counted (key, tries, first_at, last_at)
VALUES (:counter, 1, :at, :at)
ON CONFLICT (key) DO UPDATE SET
    tries = CASE WHEN counted.first_at <= :begin_of_window THEN 1 ELSE counted.tries + 1 END,
    first_at = CASE WHEN counted.first_at <= :begin_of_window THEN :at ELSE counted.first_at END,
    last_at = :at
WHERE counted.tries < :free
    OR counted.last_at <= CASE counted.tries - :free {delays} END
RETURNING tries
"""

_attempts = table_of(LoginAttempts)
_is_counter = _attempts.c.key == bindparam("counter")

CLEAR = delete(_attempts).where(_is_counter)
TAKE_BACK = (
    update(_attempts).where(_is_counter, _attempts.c.tries > 0).values(tries=_attempts.c.tries - 1)
)


@cache
def counting(delays: int) -> TextClause:
    """Return what counts a try at a `counter`, and returns no row if it came too soon.

    After as many as are `free` the last may have been at `latest_0` at the latest, after one more
    at `latest_1`, and so on up to so many `delays`; the last of them holds for the rest.
    """
    latest = [f"latest_{number}" for number in range(delays)]
    whens = [f"WHEN {number} THEN :{name}" for number, name in enumerate(latest)]
    by_tries = " ".join([*whens, f"ELSE :{latest[-1]}"])
    times = [bindparam(name, type_=UTCDateTime) for name in ("at", "begin_of_window", *latest)]
    return text(COUNT.replace("{delays}", by_tries)).bindparams(*times)
