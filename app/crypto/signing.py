"""Signatures with SECRET_KEY, and with its fallbacks while a key is rotated."""

import hmac
from hashlib import sha256

from flask import Flask, current_app
from itsdangerous import URLSafeSerializer


def signing_keys(app: Flask) -> list[str]:
    """Return the keys whose signatures are valid. The last one signs."""
    return [*reversed(app.config["SECRET_KEY_FALLBACKS"]), app.config["SECRET_KEY"]]


def signer(purpose: str) -> URLSafeSerializer:
    """Return the serializer of one purpose. Its signatures are invalid for any other purpose."""
    by = {"digest_method": sha256}
    return URLSafeSerializer(signing_keys(current_app), salt=purpose, signer_kwargs=by)


def keyed_digest(purpose: str, *parts: str) -> bytes:
    """Return a keyed digest of 32 bytes, for counters.

    Without SECRET_KEY, a copy of the table does not reveal which user tried what from where.
    """
    text = "\0".join([purpose, *parts])
    return hmac.digest(current_app.config["SECRET_KEY"].encode(), text.encode(), "sha256")
