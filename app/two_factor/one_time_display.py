"""Secrets that a page displays once or for minutes, encrypted in the cookie session.

They expire with the login, and with each change of a credential, because the key that encrypts
them is derived from a value that only the row of the login contains.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta

from flask import url_for

from app import expiring
from app.crypto.encryption import DecryptionFailed, decrypt, encrypt
from app.sessions.current import current_login
from app.two_factor.recovery_codes import NewCodes

CODES = "recovery_codes"
# From the response that creates the codes to the page that displays them.
CODES_LIFETIME = timedelta(minutes=2)


def show_new_codes(new: NewCodes | None) -> str | None:
    """Store new recovery codes for the page that displays them, and return its URL.

    The database has only digests. Returns None if there are no new codes.
    """
    if new is None:
        return None
    put_encrypted(CODES, " ".join(new.codes).encode(), CODES_LIFETIME)
    return url_for("two_factor.recovery_codes")


def pop_shown_once() -> list[str]:
    """Return the recovery codes to display, and forget them."""
    codes = get_encrypted(CODES)
    expiring.pop(CODES)
    return codes.decode().split() if codes else []


def put_encrypted(name: str, secret: bytes, lifetime: timedelta) -> None:
    """Store a secret in the cookie session, encrypted for the login of this request."""
    encrypted = encrypt(secret, about=_about(name))
    expiring.put(name, urlsafe_b64encode(encrypted).decode(), lifetime)


def get_encrypted(name: str) -> bytes | None:
    """Return the secret, or None if there is none, it has expired or is of another login."""
    try:
        return decrypt(urlsafe_b64decode(expiring.get(name) or ""), about=_about(name))[0]
    except (DecryptionFailed, ValueError):
        return None


def _about(name: str) -> str:
    login = current_login()
    return f"{name} of {login.fingerprint if login else None}"
