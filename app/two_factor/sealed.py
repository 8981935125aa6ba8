"""Values that wait in the cookie session for minutes and that nobody may read there."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta

from app import expiring
from app.encryption import Undecipherable, decrypt, encrypt
from app.users.models import User


def put_sealed(name: str, secret: bytes, user: User, lifetime: timedelta) -> None:
    """Keep a secret for this person, for a while, in this browser."""
    sealed = encrypt(secret, about=_about(name, user))
    expiring.put(name, urlsafe_b64encode(sealed).decode(), lifetime)


def get_sealed(name: str, user: User) -> bytes | None:
    """Return the secret, or None where there is none, it has expired or is another person's."""
    try:
        return decrypt(urlsafe_b64decode(expiring.get(name) or ""), about=_about(name, user))[0]
    except (Undecipherable, ValueError):
        return None


def _about(name: str, user: User) -> str:
    return f"{name} of {user.id}"
