"""Encrypt what the database keeps and must be read again; SECRET_KEY may change meanwhile.

AES-256-GCM under a key derived from SECRET_KEY for one purpose alone (HKDF, RFC 5869). Whoever
copies the database without the environment reads nothing, and whoever may write to it cannot move
a secret from one row to another: what it is about is sealed with it.
"""

import os
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

from app.crypto.signing import signing_keys

# What NIST SP 800-38D, 5.2.1.1, gives for a random nonce.
NONCE_BYTES = 12


class Undecipherable(ValueError):
    """It was not encrypted here, not about this, or under a key that is no longer listed."""


def encrypt(secret: bytes, *, about: str, token: str = "") -> bytes:
    """Return the secret, encrypted; with a `token`, only the same token decrypts it again."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + next(_ciphers(token)).encrypt(nonce, secret, about.encode())


def decrypt(sealed: bytes, *, about: str, token: str = "") -> tuple[bytes, bool]:
    """Return what encrypt() was given, and whether a former key had sealed it.

    The caller then seals it anew, so that the former key can be forgotten. Raises Undecipherable.
    """
    nonce, text = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    if len(nonce) < NONCE_BYTES:
        raise Undecipherable(about)
    for age, cipher in enumerate(_ciphers(token)):
        try:
            return cipher.decrypt(nonce, text, about.encode()), age > 0
        except InvalidTag:
            continue
    raise Undecipherable(about)


def _ciphers(token: str) -> Iterator[AESGCM]:
    """Return one for each key, the one in force first."""
    return (AESGCM(_derive(key, token)) for key in reversed(signing_keys(current_app)))


def _derive(secret_key: str, token: str) -> bytes:
    """Return the key that needs both secrets: HMAC is keyed with the token (RFC 5869, 2.2)."""
    salt = token.encode() or None
    return HKDF(SHA256(), length=32, salt=salt, info=b"encryption at rest").derive(
        secret_key.encode()
    )
