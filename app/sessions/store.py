"""The cookie session, signed in the cookie itself.

A rollback resets it, in every store, to what the browser sent.
"""

from functools import lru_cache
from hashlib import sha256
from typing import cast

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadData, URLSafeTimedSerializer

from app.sessions.request_globals import g


def cookie_name(name: str) -> str:
    """Return the name of a cookie: over HTTPS with a prefix, so that no other host can set it."""
    return f"__Host-{name}" if request.is_secure else name


class CookieSession(SecureCookieSession):
    """The values that the browser has stored. `id` is their id on a server, or None."""

    id: str | None = None


class SignedCookies(SecureCookieSessionInterface):
    session_class = CookieSession
    # Flask's default is SHA-1, which ASVS 5.0 (appendix C) allows only in legacy systems.
    digest_method = staticmethod(sha256)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Keep the session on `g` too: reading it there does not add `Vary: Cookie`."""
        opened = g.cookie_session = self.load(app, request)
        return opened

    def load(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session that the browser sent with this request."""
        try:
            return super().open_session(app, request)
        except BadData:
            # The signature is valid but the content is not, for example from an older version.
            return CookieSession()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Save a session that has changed. A page that has read one depends on the cookie."""
        if session.modified:
            self.save_changes(app, cast(CookieSession, session), response)
        elif session.accessed:
            response.vary.add("Cookie")

    def save_changes(self, app: Flask, session: CookieSession, response: Response) -> None:
        super().save_session(app, session, response)

    def get_cookie_name(self, app: Flask) -> str:
        return cookie_name(app.config["SESSION_COOKIE_NAME"])

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return a signer that is created once for each set of keys, not twice in each request."""
        return _signer(self, app, app.secret_key, tuple(app.config["SECRET_KEY_FALLBACKS"] or ()))


@lru_cache(maxsize=8)
def _signer(interface: SignedCookies, app: Flask, *keys: object) -> URLSafeTimedSerializer | None:
    return SecureCookieSessionInterface.get_signing_serializer(interface, app)
