"""The statements that count tries: each a single one, and built once.

Counting is text, because SQLAlchemy compiles an INSERT with ON CONFLICT anew each time it is sent,
and that was a sixth of a sign-in. Both databases read it as it stands here.
"""

from functools import cache

from sqlalchemy import LargeBinary, TextClause, bindparam, delete, select, text, update

from app.auth.models import LoginAttempts
from app.clock import UTCDateTime
from app.database import table_of

COUNT = """
INSERT INTO login_attempts AS counted (key, account, tries, first_at, last_at)
VALUES {rows}
ON CONFLICT (key) DO UPDATE SET
    tries = CASE WHEN counted.first_at <= {begin} THEN 1 ELSE counted.tries + 1 END,
    first_at = CASE WHEN counted.first_at <= {begin} THEN :at ELSE counted.first_at END,
    last_at = :at
WHERE counted.first_at <= {begin}
    OR counted.tries < {free}
    OR (counted.key <> :daily AND counted.last_at <= CASE counted.tries - {free} {delays} END)
RETURNING key
"""

_attempts = table_of(LoginAttempts)
_is_counter = _attempts.c.key == bindparam("counter")

CLEAR = delete(_attempts).where(_is_counter)
TAKE_BACK = (
    update(_attempts).where(_is_counter, _attempts.c.tries > 0).values(tries=_attempts.c.tries - 1)
)
# Locked in the order in which they are counted, so that neither waits for the other for ever.
_of_account = (
    select(_attempts.c.key)
    .where(_attempts.c.account == bindparam("account"))
    .order_by(_attempts.c.key)
    .with_for_update()
)
CLEAR_ACCOUNT = delete(_attempts).where(_attempts.c.key.in_(_of_account))


@cache
def counting(counters: int, delays: int) -> TextClause:
    """Return what counts a try at so many counters, and returns the keys of those that took it.

    Counter `key_0` takes `free_0` tries from `begin_0` on. After those the last may have been at
    `latest_0` at the latest, after one more at `latest_1`, and so on up to so many `delays`; the
    last of them holds for the rest. The counter `daily` takes none at all after those.
    """
    numbers = range(counters)
    latest = [f"latest_{number}" for number in range(delays)]
    whens = [f"WHEN {number} THEN :{name}" for number, name in enumerate(latest)]
    statement = COUNT.format(
        rows=", ".join(f"(:key_{n}, :account_{n}, 1, :at, :at)" for n in numbers),
        begin=_by_counter("begin", counters),
        free=_by_counter("free", counters),
        delays=" ".join([*whens, f"ELSE :{latest[-1]}"]),
    )
    times = ["at", *(f"begin_{n}" for n in numbers), *latest]
    digests = ["daily", *(f"{name}_{n}" for n in numbers for name in ("key", "account"))]
    return text(statement).bindparams(
        *(bindparam(name, type_=UTCDateTime) for name in times),
        *(bindparam(name, type_=LargeBinary) for name in digests),
    )


def _by_counter(name: str, counters: int) -> str:
    """Return SQL for the value that each counter has of its own."""
    whens = [f"WHEN :key_{number} THEN :{name}_{number}" for number in range(counters)]
    return f"CASE counted.key {' '.join(whens)} END"
