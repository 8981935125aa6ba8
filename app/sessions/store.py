"""Where the cookie session is kept: signed in the cookie itself, or in Redis under a random id.

Both are opened by the same rules and put back by the same rollback. Flask-Session is not used: it
falls back to pickle for what it reads, deletes the old session before the commit that may fail,
knows one cookie name where https needs another, and cannot delete a `__Host-` cookie.
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
    """Return the name under which a cookie travels: over https one that no other site can set."""
    return f"__Host-{name}" if request.is_secure else name


class CookieSession(SecureCookieSession):
    """What the browser brought; `id` names it in Redis and is None in a cookie of its own."""

    id: str | None = None


class SignedCookies(SecureCookieSessionInterface):
    session_class = CookieSession
    # Flask's own is SHA-1, which ASVS 5.0 (appendix C) leaves to what is old already.
    digest_method = staticmethod(sha256)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Keep it at hand, where looking at it does not yet make the page depend on it."""
        opened = g.cookie_session = self.load(app, request)
        return opened

    def load(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return what the browser brought with this request, read afresh."""
        try:
            return super().open_session(app, request)
        except BadData:
            # Signed by us and still not readable, as by an older version: nobody's session.
            return CookieSession()

    def get_cookie_name(self, app: Flask) -> str:
        return cookie_name(app.config["SESSION_COOKIE_NAME"])

    def get_cookie_secure(self, app: Flask) -> bool:
        return request.is_secure

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return a signer that is made once for each set of keys, and not twice a request."""
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
            kept = cast(bytes | None, redis().get(_key(id)))
        except redis_error():
            # The user is unknown. app/web/input_validation.py responds before a view runs.
            g.session_is_lost = True
            return CookieSession()
        return self.read(id, kept) if kept is not None else CookieSession()

    def read(self, id: str, kept: bytes) -> CookieSession:
        """Return what was kept under this id; what nobody can read is as good as gone."""
        try:
            values, _ = decrypt(kept, about=PURPOSE, token=id)
            opened = CookieSession(self.serializer.loads(values.decode()))
        except (ValueError, TypeError):
            current_app.logger.warning("a session in Redis could not be read")
            return CookieSession()
        opened.id = id
        return opened

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Write what changed. A commit has happened and stands, even if Redis is away by now."""
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
                say_unavailable(response)

    def write(self, app: Flask, session: CookieSession, response: Response) -> None:
        """Put the session in the place of the one the browser came with, both or neither."""
        name = self.get_cookie_name(app)
        former = request.cookies.get(name)
        how: dict[str, Any] = {
            "secure": self.get_cookie_secure(app),
            "samesite": self.get_cookie_samesite(app),
            "httponly": True,
        }
        id = session.id or make_token()
        with redis().pipeline() as transaction:
            if session:
                values = self.serializer.dumps(dict(session)).encode()
                sealed = encrypt(values, about=PURPOSE, token=id)
                # What was read must still be there: signing out in another tab has the last word.
                was_read = session.id is not None
                transaction.set(_key(id), sealed, ex=kept_for(app, session), xx=was_read)
            if former and (former != session.id or not session):
                transaction.delete(_key(former))
            done = transaction.execute()
        if not session:
            response.delete_cookie(name, **how)
        elif done[0]:
            response.set_cookie(name, id, expires=self.get_expiration_time(app, session), **how)


def kept_for(app: Flask, session: CookieSession) -> timedelta:
    """Return how long Redis keeps a session that nobody changes."""
    if session.permanent:
        return app.permanent_session_lifetime
    lifetime: timedelta = app.config["SESSION_LIFETIME"]
    return lifetime


def say_unavailable(response: Response) -> None:
    """Turn a page that cannot keep its promise (a form without its token) into an honest 503."""
    app = cast(Application, current_app)
    refusal = app.make_error_response(ServiceUnavailable(retry_after=5), response)
    response.status_code = refusal.status_code
    response.headers["Retry-After"] = refusal.headers["Retry-After"]
    response.content_type = refusal.content_type
    response.set_data(refusal.get_data())


def _key(id: str) -> str:
    """Return the name in Redis: a digest, so that who reads Redis cannot become anybody."""
    return f"session:{digest(id).hex()}"
