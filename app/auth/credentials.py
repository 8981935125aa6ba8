"""Find the person whom an address and a password belong to."""

from sqlalchemy import bindparam, select

from app.audit.actions import Action
from app.audit.trail import record_regardless
from app.auth.known_devices import IS_KNOWN, cookie, know_this_browser, this_browser
from app.auth.throttle import clear_attempts, count_attempt, counters, forgive_attempts
from app.database import db
from app.unit_of_work import reading
from app.users.hashing import hash_password, needs_rehash, verify_password
from app.users.models import User, normalize_email

# What is judged, and on which device. Values and no object: making one would take time, and only
# where there is an account.
_ACCOUNT = select(
    User.id, User.password_hash, User.disabled_at.is_(None).label("is_active"), IS_KNOWN
).where(User.email == bindparam("email"))
_LOCKED = (
    select(User)
    .where(User.id == bindparam("id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


def find_by_password(email: str, password: str, *, address: str) -> User | None:
    """Return the person, or None: wrong, unknown and disabled look and last the same.

    `address` is the client's. Raises TooManyAttempts, for all three alike, before the password is
    looked at. The slow hash is computed while no transaction is open, so nobody queues behind it.
    A hash made in an older way is replaced; the caller asks for the commit.
    """
    with reading():
        asked = {"email": normalize_email(email), **this_browser()}
        account = db.session.execute(_ACCOUNT, asked).one_or_none()
    device = cookie.token if account and account.is_known else None
    counted = counters(email, address=address, device=device)
    count_attempt(counted)
    fits = verify_password(password, account.password_hash if account else None)
    if account is None or not fits or not account.is_active:
        record_regardless(Action.LOGIN_FAILED, account.id if account else None)
        return None
    # Before the row is locked: a hash takes its time.
    fresh = hash_password(password) if needs_rehash(account.password_hash) else None
    user = lock_unchanged(account.id, account.password_hash)
    if user is not None:
        forgive_attempts(counted)
        user.password_hash = fresh or user.password_hash
    return user


def lock_unchanged(user_id: int, judged: str | None) -> User | None:
    """Lock the row and return the person if what was `judged` still opens a live account.

    While the hash was computed, another device may have changed the password and ended all
    logins; a sign-in with the old one must not come after that.
    """
    user = db.session.scalar(_LOCKED, {"id": user_id})
    return user if user and user.password_hash == judged and user.is_active else None


def is_password_of(user: User, password: str, *, address: str) -> bool:
    """Return whether the password is theirs, which may be all they have to prove, or a part of it.

    Raises TooManyAttempts: who holds a stolen login may guess no faster than anybody else.
    """
    found = find_by_password(user.email, password, address=address)
    return found is not None and found.id == user.id


def recover_access(user: User) -> None:
    """Undo what guessing did to the owner, who has just set a new password by a mailed link (A4).

    Guesses at the account are forgotten, and this browser is known: whoever goes on guessing
    delays it no more. The caller asks for the commit.
    """
    clear_attempts(user)
    know_this_browser(user)
