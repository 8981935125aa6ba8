"""Find the person whom an address and a password belong to."""

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
