"""Sign what the browser keeps for us and brings back; SECRET_KEY may change meanwhile."""

from hashlib import sha256

from flask import Flask, current_app
from itsdangerous import URLSafeSerializer


def signing_keys(app: Flask) -> list[str]:
    """Return every key whose signature still counts, with the one that signs last."""
    return [*reversed(app.config["SECRET_KEY_FALLBACKS"]), app.config["SECRET_KEY"]]


def signer(purpose: str) -> URLSafeSerializer:
    """Return what signs and reads one kind of thing; none can be passed off as another kind."""
    by = {"digest_method": sha256}
    return URLSafeSerializer(signing_keys(current_app), salt=purpose, signer_kwargs=by)
