"""The cookie session in Redis: the cookie contains a random id.

Flask-Session is not used: it falls back to pickle when it reads, deletes the old session before a
commit that may fail, knows one cookie name where HTTPS needs another, and cannot delete a
`__Host-` cookie.
"""

from datetime import timedelta
from typing import Any, cast

from flask import Flask, Request, Response, current_app, request
from werkzeug.exceptions import ServiceUnavailable

from app.application import Application
from app.crypto.encryption import decrypt, encrypt
from app.crypto.tokens import digest, make_token
from app.redis.client import redis, redis_error
from app.sessions.request_globals import g
from app.sessions.store import CookieSession, SignedCookies

PURPOSE = "session in Redis"


class RedisSessions(SignedCookies):
    """Keeps the values in Redis, and only a random id in the cookie.

    The values hold the token of the login, which is the remember cookie too. They are encrypted
    under a key that is derived from SECRET_KEY and the id. Redis holds neither of the two: read
    access to it opens no account, and a value copied to another id cannot be decrypted.
    """

    def load(self, app: Flask, request: Request) -> CookieSession:
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

    def save_changes(self, app: Flask, session: CookieSession, response: Response) -> None:
        """Store the session. The commit has happened and stands, even if Redis fails now."""
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
