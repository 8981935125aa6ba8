"""Find the person whom an address and a password belong to."""

from app.clock import now
from app.sessions.models import LoginSession
from app.unit_of_work import reading
from app.users.hashing import hash_password, needs_rehash, verify_password
from app.users.models import User
from app.users.people import find_user


def find_by_password(email: str, password: str) -> User | None:
    """Return the person, or None: wrong, unknown and disabled look and last the same.

    The slow hash is computed while no transaction is open, so nobody queues behind it. A hash made
    in an older way is replaced; the caller asks for the commit.
    """
    with reading():
        user = find_user(email)
    if not verify_password(password, user.password_hash if user else None):
        return None
    if user is None or not user.is_active:
        return None
    if user.password_hash and needs_rehash(user.password_hash):
        user.password_hash = hash_password(password)
    return user


def prove_by_password(user: User, login: LoginSession | None, password: str) -> bool:
    """Note on the login that its person was there just now, if the password is theirs."""
    with reading():
        password_hash = user.password_hash
    if login is None or not verify_password(password, password_hash):
        return False
    login.proved_at = now()
    return True
