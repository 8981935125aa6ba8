"""Values that wait in the cookie session for minutes, encrypted, for one login.

They end with the login, and with each change of a credential, because what they are encrypted for
follows from a key that only the row of the login holds.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta

from app import expiring
from app.crypto.encryption import Undecipherable, decrypt, encrypt
from app.sessions.current import current_login


def put_sealed(name: str, secret: bytes, lifetime: timedelta) -> None:
    """Keep a secret for the login of this request, for a while, in this browser."""
    sealed = encrypt(secret, about=_about(name))
    expiring.put(name, urlsafe_b64encode(sealed).decode(), lifetime)


def get_sealed(name: str) -> bytes | None:
    """Return the secret, or None where there is none, it has expired or is of another login."""
    try:
        return decrypt(urlsafe_b64decode(expiring.get(name) or ""), about=_about(name))[0]
    except (Undecipherable, ValueError):
        return None


def _about(name: str) -> str:
    login = current_login()
    return f"{name} of {login.mark if login else None}"
