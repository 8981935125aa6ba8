"""Encryption of secrets in the database that must be readable.

AES-256-GCM with a key derived from SECRET_KEY for this purpose only (HKDF, RFC 5869). A copy of
the database is useless without the environment. An attacker with write access cannot move a secret
from one row to another, because `about` is authenticated with it.
"""

import os
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app

from app.crypto.signing import signing_keys

# NIST SP 800-38D, 5.2.1.1, for a random nonce.
NONCE_BYTES = 12


class DecryptionFailed(ValueError):
    """The value was encrypted for another purpose, or with a key that is no longer listed."""


def encrypt(secret: bytes, *, about: str, token: str = "") -> bytes:
    """Encrypt a secret. If a `token` is given, the same token is needed to decrypt it."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + next(_ciphers(token)).encrypt(nonce, secret, about.encode())


def decrypt(ciphertext: bytes, *, about: str, token: str = "") -> tuple[bytes, bool]:
    """Return the secret, and whether it was encrypted with a former key.

    The caller then encrypts it again, so that the former key can be removed. Raises
    DecryptionFailed.
    """
    nonce, encrypted = ciphertext[:NONCE_BYTES], ciphertext[NONCE_BYTES:]
    if len(nonce) < NONCE_BYTES:
        raise DecryptionFailed(about)
    for age, cipher in enumerate(_ciphers(token)):
        try:
            return cipher.decrypt(nonce, encrypted, about.encode()), age > 0
        except InvalidTag:
            continue
    raise DecryptionFailed(about)


def _ciphers(token: str) -> Iterator[AESGCM]:
    """Return a cipher for each key, the current one first."""
    return (AESGCM(_derive(key, token)) for key in reversed(signing_keys(current_app)))


def _derive(secret_key: str, token: str) -> bytes:
    """Derive the key from both secrets. The token is the key of the HMAC (RFC 5869, 2.2)."""
    salt = token.encode() or None
    return HKDF(SHA256(), length=32, salt=salt, info=b"encryption at rest").derive(
        secret_key.encode()
    )
