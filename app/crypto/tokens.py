"""Random strings that are handed out, and the digests that are kept."""

import hashlib
import secrets

BYTES = 32


def make_token() -> str:
    """Return 256 bits from the system's random source, safe in a URL and in a cookie.

    ASVS 5.0 7.2.3 asks for 128 bits of entropy; nobody ever has to type these.
    """
    return secrets.token_urlsafe(BYTES)


def make_key() -> bytes:
    """Return as much, for what only the database ever sees."""
    return secrets.token_bytes(BYTES)


def digest(token: str) -> bytes:
    """Return the SHA-256 of a token: what the database keeps, so that a stolen copy opens nothing.

    A token has 256 bits of its own, so unlike a password it needs neither salt nor slowness.
    """
    return hashlib.sha256(token.encode()).digest()
