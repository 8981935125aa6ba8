"""The two cookies: the signed session, and the one that remembers a login.

Over https both are Secure and carry a `__Host-` name (RFC 6265bis, 4.1.3.2), with nothing to set:
the request itself knows how it came.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from typing import Any, cast

from flask import Flask, Request, Response, g, get_flashed_messages, request
from flask import session as cookie
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer

from app.application import Application
from app.unit_of_work import rolled_back

REMEMBER_COOKIE = "remember_token"


class SignedCookies(SecureCookieSessionInterface):
    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Keep it at hand, where looking at it does not yet make the page depend on it."""
        opened = g.cookie_session = super().open_session(app, request)
        return opened

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


def init_app(app: Application) -> None:
    app.session_interface = SignedCookies()
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    # How long the browser keeps what a visitor chose. Nobody is signed in by a cookie's age.
    app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(days=365)
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    app.after_request(_send_remember_cookie)
    app.add_template_global(has_session)
    app.add_template_global(flashes)
    rolled_back.connect(_put_back, app)


def cookie_name(name: str) -> str:
    return f"__Host-{name}" if request.is_secure else name


def has_session() -> bool:
    """Return whether this visitor has a cookie session, without making the page depend on it."""
    return bool(g.get("cookie_session"))


def seen_session() -> Mapping[str, Any]:
    """Return the cookie session for reading, and nothing at all where the visitor has none.

    A page that looked into an empty session would still be marked `Vary: Cookie`.
    """
    return cookie if has_session() else {}


def flashes() -> list[tuple[str, str]]:
    """Return the messages that wait for this person, as (category, text)."""
    return get_flashed_messages(with_categories=True) if has_session() else []  # type: ignore[return-value]


def remembered_token() -> str | None:
    """Return the token in the remember cookie, if the browser sent one."""
    return request.cookies.get(cookie_name(REMEMBER_COOKIE))


def remember(token: str, lifetime: timedelta) -> None:
    """Have the response carry the remember cookie, if the request comes to a good end."""
    g.remember_cookie = (token, lifetime)


def forget_remembered() -> None:
    """Have the response delete the remember cookie, if the browser has one."""
    g.remember_cookie = None


def _send_remember_cookie(response: Response) -> Response:
    if "remember_cookie" not in g:
        return response
    name = cookie_name(REMEMBER_COOKIE)
    # A browser ignores the deletion of a __Host- cookie that lacks its attributes.
    how: dict[str, Any] = {"secure": request.is_secure, "httponly": True, "samesite": "Lax"}
    if g.remember_cookie is None:
        if name in request.cookies:
            response.delete_cookie(name, **how)
    else:
        token, lifetime = g.remember_cookie
        response.set_cookie(name, token, max_age=lifetime, **how)
    return response


def _put_back(app: Application) -> None:
    """Make both cookies what they were when the request came: it never happened."""
    g.pop("remember_cookie", None)
    opened = g.get("cookie_session")
    if opened is not None:
        interface = cast(SignedCookies, app.session_interface)
        before = SecureCookieSessionInterface.open_session(interface, app, request)
        opened.clear()
        opened.update(before or {})
        opened.modified = False
