"""Secrets that a page displays once or for minutes, encrypted in the cookie session.

They expire with the login, and with each change of a credential, because the key that encrypts
them is derived from a value that only the row of the login contains.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta

from app import expiring
from app.crypto.encryption import DecryptionFailed, decrypt, encrypt
from app.sessions.current import current_login

CODES = "recovery_codes"
# From the response that creates the codes to the page that displays them.
CODES_LIFETIME = timedelta(minutes=2)


def show_once(codes: list[str]) -> None:
    """Store recovery codes for the next request of their page: the database has only digests."""
    put_sealed(CODES, " ".join(codes).encode(), CODES_LIFETIME)


def take_shown_once() -> list[str]:
    """Return the recovery codes to display, and forget them."""
    codes = get_sealed(CODES)
    expiring.pop(CODES)
    return codes.decode().split() if codes else []


def put_sealed(name: str, secret: bytes, lifetime: timedelta) -> None:
    """Store a secret in the cookie session, encrypted for the login of this request."""
    sealed = encrypt(secret, about=_about(name))
    expiring.put(name, urlsafe_b64encode(sealed).decode(), lifetime)


def get_sealed(name: str) -> bytes | None:
    """Return the secret, or None if there is none, it has expired or is of another login."""
    try:
        return decrypt(urlsafe_b64decode(expiring.get(name) or ""), about=_about(name))[0]
    except (DecryptionFailed, ValueError):
        return None


def _about(name: str) -> str:
    login = current_login()
    return f"{name} of {login.mark if login else None}"
