"""The cookies of a browser: the cookie session, the remember cookie, and device tokens.

Over https, all are Secure and have a `__Host-` name (RFC 6265bis, 4.1.3.2). There is no setting
for this: it depends on the request.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from flask import Response, current_app, request
from flask import session as cookie
from flask.sessions import SecureCookieSession

from app.application import Application, this_app
from app.clock import now
from app.sessions.request_globals import PendingCookies, g
from app.sessions.store import CookieSession, SignedCookies, cookie_name
from app.unit_of_work import rolled_back
from app.web.csrf import forget_csrf_token
from app.web.saved_form import restore_post

REMEMBER_COOKIE = "remember_token"


class SessionHoldsObject(TypeError):
    """A value in `session` is not a plain value, and no cookie can contain it."""


class TokenCookie:
    """A cookie that identifies this browser by a random token and signs no user in."""

    def __init__(self, name: str, lifetime: str) -> None:
        """`lifetime` is the setting with the lifetime of the cookie."""
        self.name = name
        self.lifetime = lifetime

    @property
    def token(self) -> str | None:
        """Return the token that the browser sent."""
        return request.cookies.get(cookie_name(self.name))

    def send(self, token: str) -> None:
        """Set the cookie with the response, if the request succeeds."""
        lifetime: timedelta = current_app.config[self.lifetime]
        set_cookie_later(self.name, token, int(lifetime.total_seconds()))


def init_app(app: Application) -> None:
    app.session_interface = SignedCookies()
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    # The lifetime of a visitor's preferences. A login never depends on the age of a cookie.
    app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(days=365)
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    app.after_request(complete_response)
    app.add_template_global(has_session)
    rolled_back.connect(restore_cookies, app)


def has_session() -> bool:
    """Return whether the visitor has a cookie session, without making the page depend on it."""
    return bool(g.cookie_session)


def seen_session() -> Mapping[str, Any]:
    """Return the cookie session for reading, and an empty mapping if the visitor has none.

    Reading an empty session would mark the response `Vary: Cookie`.
    """
    return cookie if has_session() else {}


def remembered_token() -> str | None:
    """Return the token in the remember cookie, including changes by this request."""
    pending = (g.pending_cookies or {}).get(REMEMBER_COOKIE)
    return pending[0] if pending else request.cookies.get(cookie_name(REMEMBER_COOKIE))


def set_remember_cookie(token: str, until: datetime) -> None:
    """Set the remember cookie with the response, if the request succeeds."""
    set_cookie_later(REMEMBER_COOKIE, token, round((until - now()).total_seconds()))


def delete_remember_cookie() -> None:
    """Delete the remember cookie with the response, if the request succeeds."""
    set_cookie_later(REMEMBER_COOKIE, None, 0)


def set_cookie_later(name: str, value: str | None, seconds: int) -> None:
    g.pending_cookies = (g.pending_cookies or {}) | {name: (value, seconds)}


def complete_response(response: Response) -> Response:
    """Complete the response before the commit: an expired form, cookies, and caching.

    HEAD and OPTIONS change no cookie, because no page is shown (RFC 9110, 9.3.2): codes and
    messages that are displayed once would be lost.
    """
    names = g.itself
    if names.expired_form is not None:
        response = restore_post(response, names.expired_form)
    method = request.method
    if method in {"HEAD", "OPTIONS"}:
        restore_cookies(this_app())
    require_plain_values(names.cookie_session)
    send_cookies(response, names.pending_cookies or {})
    if names.login_session is not None or method == "POST":
        # The Back button must show nothing after signing out. The response to a form may contain
        # what was typed.
        response.headers["Cache-Control"] = "no-store"
    return response


def send_cookies(response: Response, cookies: PendingCookies) -> None:
    for name, (value, seconds) in cookies.items():
        name = cookie_name(name)
        # A browser ignores the deletion of a __Host- cookie that lacks its attributes.
        how: dict[str, Any] = {"secure": request.is_secure, "httponly": True, "samesite": "Lax"}
        if value is not None:
            response.set_cookie(name, value, max_age=seconds, **how)
        elif name in request.cookies:
            response.delete_cookie(name, **how)


def require_plain_values(opened: SecureCookieSession | None) -> None:
    """Raise SessionHoldsObject before the commit: afterwards the session could not be saved."""
    changed = opened.items() if opened is not None and opened.modified else ()
    for name, value in changed:
        try:
            SignedCookies.serializer.dumps(value)
        except TypeError as error:
            raise SessionHoldsObject(
                f"session[{name!r}] is a {type(value).__name__}, and nothing was saved. Keep its "
                "id instead, and load the object in the request that needs it."
            ) from error


def renew_session_id() -> None:
    """Continue the cookie session under a new id, if it has one (ASVS 5.0 7.2.4)."""
    cast(CookieSession, g.cookie_session).id = None


def clear_session() -> None:
    """Empty the cookie session, with a new id if it has one, and with new CSRF tokens."""
    cookie.clear()
    renew_session_id()
    forget_csrf_token()


def restore_cookies(app: Application) -> None:
    """Reset the cookie session to what the browser sent, and send no other cookie."""
    g.pending_cookies = None
    opened = cast(CookieSession | None, g.cookie_session)
    if opened is not None and not g.session_is_lost:
        before = cast(SignedCookies, app.session_interface).load(app, request)
        opened.clear()
        opened.update(before or {})
        opened.id = getattr(before, "id", None)
        opened.modified = False
