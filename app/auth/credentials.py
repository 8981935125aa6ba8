"""Verify an email address and a password."""

from sqlalchemy import bindparam, select

from app.audit.actions import Action
from app.audit.trail import record_regardless
from app.auth.known_devices import IS_KNOWN, add_or_extend_known_device, cookie, this_browser
from app.auth.throttle import clear_attempts, count_attempt, counters, reset_after_success
from app.database import db
from app.unit_of_work import reading
from app.users.hashing import hash_password, needs_rehash, verify_password
from app.users.models import User, normalize_email

# Columns, not an object: creating one takes time only where there is an account (A2).
_ACCOUNT = select(
    User.id, User.password_hash, User.disabled_at.is_(None).label("is_active"), IS_KNOWN
).where(User.email == bindparam("email"))
_LOCKED_USER = (
    select(User)
    .where(User.id == bindparam("id"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


def find_by_password(email: str, password: str, *, address: str) -> User | None:
    """Return the user, or None if the password is wrong or the account unknown or disabled.

    The three cases do the same work (A2). `address` is the client's IP address. Raises
    TooManyAttempts in all of them, before the password is checked. Hashing is slow and runs while
    no transaction is open. An outdated hash is replaced. The caller requests the commit.
    """
    with reading():
        values = {"email": normalize_email(email), **this_browser()}
        account = db.session.execute(_ACCOUNT, values).one_or_none()
    device = cookie.token if account and account.is_known else None
    counted = counters(email, address=address, device=device)
    count_attempt(counted)
    is_correct = verify_password(password, account.password_hash if account else None)
    if account is None or not is_correct or not account.is_active:
        record_regardless(Action.LOGIN_FAILED, account.id if account else None)
        return None
    # Hashing is slow, so it comes before the row is locked.
    new_hash = hash_password(password) if needs_rehash(account.password_hash) else None
    user = lock_unchanged(account.id, account.password_hash)
    if user is not None:
        reset_after_success(counted)
        user.password_hash = new_hash or user.password_hash
    return user


def lock_unchanged(user_id: int, verified_hash: str | None) -> User | None:
    """Lock the user's row, and return the user if it is active and has the hash just verified.

    While the hash was verified, another device may have changed the password and ended all
    logins. The old password must not sign in after that.
    """
    user = db.session.scalar(_LOCKED_USER, {"id": user_id})
    return user if user and user.password_hash == verified_hash and user.is_active else None


def is_password_of(user: User, password: str, *, address: str) -> bool:
    """Return whether this is the user's password.

    Raises TooManyAttempts: an attacker with a stolen login guesses no faster than any other.
    """
    found = find_by_password(user.email, password, address=address)
    return found is not None and found.id == user.id


def recover_access(user: User) -> None:
    """Clear the account's counters, and make this browser a known device (A4).

    For a user who has just set a new password by a mailed link: further guesses do not delay this
    browser. The caller requests the commit.
    """
    clear_attempts(user)
    add_or_extend_known_device(user)
