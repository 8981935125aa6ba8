"""Sign what the browser keeps for us and brings back; SECRET_KEY may change meanwhile."""

import hmac
from functools import lru_cache
from hashlib import sha256
from typing import Any

from flask import Flask, current_app, g
from flask import session as cookie
from itsdangerous import Serializer, URLSafeSerializer, URLSafeTimedSerializer
from itsdangerous.encoding import base64_encode

from app.crypto.tokens import make_token

CSRF_TOKEN = "csrf_token"  # noqa: S105  # nosec B105  # where Flask-WTF keeps it


def signing_keys(app: Flask) -> list[str]:
    """Return every key whose signature still counts, with the one that signs last."""
    return [*reversed(app.config["SECRET_KEY_FALLBACKS"]), app.config["SECRET_KEY"]]


def signer(purpose: str) -> URLSafeSerializer:
    """Return what signs and reads one kind of thing; none can be passed off as another kind."""
    by = {"digest_method": sha256}
    return URLSafeSerializer(signing_keys(current_app), salt=purpose, signer_kwargs=by)


def keyed_digest(purpose: str, *parts: str) -> bytes:
    """Return 32 bytes that name these parts, and that only SECRET_KEY connects with them.

    For counters: the table does not become a list of who tried what from where.
    """
    text = "\0".join([purpose, *parts])
    return hmac.digest(current_app.config["SECRET_KEY"].encode(), text.encode(), "sha256")


def csrf_token() -> str:
    """Return the token of this request's forms; a page has several, and the first makes it.

    It is what Flask-WTF makes and checks, at half of what its own takes: it has a new signer each
    time, which tries to compress forty letters.
    """
    token: str | None = g.get(CSRF_TOKEN)
    if token is None:
        if CSRF_TOKEN not in cookie:
            cookie[CSRF_TOKEN] = make_token()
        keys = signing_keys(current_app)
        token = g.csrf_token = _csrf_signer(*keys).dumps(cookie[CSRF_TOKEN])
    return token


class _Uncompressed(URLSafeTimedSerializer):
    def dump_payload(self, obj: Any) -> bytes:
        return base64_encode(Serializer.dump_payload(self, obj))


@lru_cache(maxsize=8)
def _csrf_signer(*keys: str) -> URLSafeTimedSerializer:
    return _Uncompressed(list(keys), salt="wtf-csrf-token")
