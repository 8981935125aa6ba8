"""The two stores of the cookie session: signed in the cookie itself, or in Redis by a random id.

A rollback resets both in the same way. Flask-Session is not used: it falls back to pickle when it
reads, deletes the old session before a commit that may fail, knows one cookie name where HTTPS
needs another, and cannot delete a `__Host-` cookie.
"""

from datetime import timedelta
from functools import lru_cache
from hashlib import sha256
from typing import Any, cast

from flask import Flask, Request, Response, current_app, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.exceptions import ServiceUnavailable

from app.application import Application
from app.crypto.encryption import decrypt, encrypt
from app.crypto.tokens import digest, make_token
from app.redis_client import redis, redis_error
from app.sessions.request_globals import g

PURPOSE = "session in Redis"


def cookie_name(name: str) -> str:
    """Return the name of a cookie: over HTTPS with a prefix, so that no other host can set it."""
    return f"__Host-{name}" if request.is_secure else name


class CookieSession(SecureCookieSession):
    """The values that the browser has stored. `id` is their id in Redis, or None."""

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


class RedisSessions(SignedCookies):
    """Keeps the values in Redis, and only a random id in the cookie.

    The values hold the token of the login, which is the remember cookie too. They are encrypted
    under a key that is derived from SECRET_KEY and the id. Redis holds neither of the two: read
    access to it opens no account, and a value copied to another id cannot be decrypted.
    """

    def load(self, app: Flask, request: Request) -> SecureCookieSession:
        id = request.cookies.get(self.get_cookie_name(app))
        if not id:
            return CookieSession()
        try:
            stored = cast(bytes | None, redis().get(_key(id)))
        except redis_error():
            # The user is unknown. app/web/input_validation.py responds before a view runs.
            g.session_is_lost = True
            return CookieSession()
        return self.read(id, stored) if stored is not None else CookieSession()

    def read(self, id: str, stored: bytes) -> CookieSession:
        """Return the session with this id, or an empty one if it cannot be decrypted."""
        try:
            values, _ = decrypt(stored, about=PURPOSE, token=id)
            opened = CookieSession(self.serializer.loads(values.decode()))
        except (ValueError, TypeError):
            current_app.logger.warning("a session in Redis could not be read")
            return CookieSession()
        opened.id = id
        return opened

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Store a changed session. The commit has happened and stands, even if Redis fails now."""
        session = cast(CookieSession, session)
        if session.accessed:
            response.vary.add("Cookie")
        if not session.modified:
            return
        response.vary.add("Cookie")
        try:
            self.write(app, session, response)
        except redis_error():
            app.logger.exception("the session could not be saved")
            if request.method in {"GET", "HEAD"}:
                replace_with_unavailable(response)

    def write(self, app: Flask, session: CookieSession, response: Response) -> None:
        """Store the session and delete the one that the browser sent, in one transaction."""
        name = self.get_cookie_name(app)
        previous = request.cookies.get(name)
        how: dict[str, Any] = {
            "secure": self.get_cookie_secure(app),
            "samesite": self.get_cookie_samesite(app),
            "httponly": True,
        }
        id = session.id or make_token()
        with redis().pipeline() as transaction:
            if session:
                values = self.serializer.dumps(dict(session)).encode()
                encrypted = encrypt(values, about=PURPOSE, token=id)
                # If another tab has signed out meanwhile, the key is gone and stays so.
                was_read = session.id is not None
                transaction.set(_key(id), encrypted, ex=lifetime_of(app, session), xx=was_read)
            if previous and (previous != session.id or not session):
                transaction.delete(_key(previous))
            done = transaction.execute()
        if not session:
            response.delete_cookie(name, **how)
        elif done[0]:
            response.set_cookie(name, id, expires=self.get_expiration_time(app, session), **how)


def lifetime_of(app: Flask, session: CookieSession) -> timedelta:
    """Return after how long without a change Redis deletes a session."""
    if session.permanent:
        return app.permanent_session_lifetime
    lifetime: timedelta = app.config["SESSION_LIFETIME"]
    return lifetime


def replace_with_unavailable(response: Response) -> None:
    """Replace a page that would not work (its CSRF token was not stored) by a 503 response."""
    app = cast(Application, current_app)
    unavailable = app.make_error_response(ServiceUnavailable(retry_after=5), response)
    response.status_code = unavailable.status_code
    response.headers["Retry-After"] = unavailable.headers["Retry-After"]
    response.content_type = unavailable.content_type
    response.set_data(unavailable.get_data())


def _key(id: str) -> str:
    """Return the key in Redis: a digest, so that read access to Redis reveals no session id."""
    return f"session:{digest(id).hex()}"
