"""Random tokens, and the digests that are stored in their place."""

import hashlib
import secrets

BYTES = 32


def make_token() -> str:
    """Return 256 bits from the system's random source, safe in a URL and in a cookie.

    ASVS 5.0 7.2.3 requires 128 bits of entropy.
    """
    return secrets.token_urlsafe(BYTES)


def make_key() -> bytes:
    """Return 256 random bits as bytes, for the database."""
    return secrets.token_bytes(BYTES)


def digest(token: str) -> bytes:
    """Return the SHA-256 digest of a token. A stolen copy of the database contains no tokens.

    A token has 256 bits of entropy, so unlike a password it needs neither a salt nor a slow hash.
    """
    return hashlib.sha256(token.encode()).digest()
