"""Find the person whom an address and a password belong to."""

from app.audit.actions import Action
from app.audit.trail import record_regardless
from app.auth.attempts import count_attempt, counters, forgive_attempts
from app.auth.known_devices import find_device
from app.database import db
from app.unit_of_work import reading
from app.users.hashing import hash_password, needs_rehash, verify_password
from app.users.models import User
from app.users.people import find_user


def find_by_password(email: str, password: str, *, address: str) -> User | None:
    """Return the person, or None: wrong, unknown and disabled look and last the same.

    `address` is the client's. Raises TooManyAttempts, for all three alike, before the password is
    looked at. The slow hash is computed while no transaction is open, so nobody queues behind it.
    A hash made in an older way is replaced; the caller asks for the commit.
    """
    with reading():
        counted = counters(email, address=address, device=find_device(email))
    count_attempt(counted)
    with reading():
        user = find_user(email)
    fits = verify_password(password, user.password_hash if user else None)
    if user is None or not fits or not user.is_active:
        record_regardless(Action.LOGIN_FAILED, user.id if user else None)
        return None
    if not is_unchanged(user):
        return None
    forgive_attempts(counted)
    if user.password_hash and needs_rehash(user.password_hash):
        user.password_hash = hash_password(password)
    return user


def is_unchanged(user: User) -> bool:
    """Lock the row and return whether what was hashed is still the password of a live account.

    While the hash was computed, another device may have changed the password and ended all
    logins; a sign-in with the old one must not come after that.
    """
    judged = user.password_hash
    db.session.refresh(user, with_for_update=True)
    return user.password_hash == judged and user.is_active


def is_password_of(user: User, password: str, *, address: str) -> bool:
    """Return whether the password is theirs, which may be all they have to prove, or a part of it.

    Raises TooManyAttempts: who holds a stolen login may guess no faster than anybody else.
    """
    found = find_by_password(user.email, password, address=address)
    return found is not None and found.id == user.id
