"""The two cookies: the signed session, and the one that remembers a login.

Over https both are Secure and carry a `__Host-` name (RFC 6265bis, 4.1.3.2), with nothing to set:
the request itself knows how it came.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from flask import Response, current_app, g, get_flashed_messages, request
from flask import session as cookie

from app.application import Application
from app.clock import now
from app.sessions.store import RedisSessions, SignedCookies, cookie_name
from app.unit_of_work import rolled_back
from app.web.security import forget_csrf_token

REMEMBER_COOKIE = "remember_token"
STORES = {"cookie": SignedCookies, "redis": RedisSessions}


class SessionHoldsObject(TypeError):
    """Something in `session` is no plain value, and no cookie can carry it."""


def init_app(app: Application) -> None:
    app.session_interface = STORES[app.config["SESSION_STORE"]]()
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    # How long the browser keeps what a visitor chose. Nobody is signed in by a cookie's age.
    app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(days=365)
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    app.after_request(_send_remember_cookie)
    app.after_request(_refuse_objects)
    app.after_request(_leave_as_they_were)
    app.add_template_global(has_session)
    app.add_template_global(flashes)
    rolled_back.connect(_put_back, app)


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
    """Return the token in the remember cookie, as this request leaves it so far."""
    if "remember_cookie" in g:
        return g.remember_cookie[0] if g.remember_cookie else None
    return request.cookies.get(cookie_name(REMEMBER_COOKIE))


def remember(token: str, until: datetime) -> None:
    """Have the response carry the remember cookie, if the request comes to a good end."""
    g.remember_cookie = (token, round((until - now()).total_seconds()))


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
        token, seconds = g.remember_cookie
        response.set_cookie(name, token, max_age=seconds, **how)
    return response


def _leave_as_they_were(response: Response) -> Response:
    """Have HEAD and OPTIONS change neither cookie, because no page is shown (RFC 9110, 9.3.2).

    What is shown once, codes or a message, would be used up by a request that shows nothing.
    """
    if request.method in {"HEAD", "OPTIONS"}:
        _put_back(current_app._get_current_object())  # type: ignore[attr-defined]  # a proxy
    return response


def _refuse_objects(response: Response) -> Response:
    """Find out before the commit what nobody could save after it. Raises SessionHoldsObject."""
    opened = g.get("cookie_session")
    kept = opened.items() if opened is not None and opened.modified else ()
    for name, value in kept:
        try:
            SignedCookies.serializer.dumps(value)
        except TypeError as error:
            raise SessionHoldsObject(
                f"session[{name!r}] is a {type(value).__name__}, and nothing was saved. Keep what "
                "names it, such as its id, and read it again in the request that needs it."
            ) from error
    return response


def renew_session_id() -> None:
    """Let the cookie session go on under a new id, where it has one (ASVS 5.0 7.2.4)."""
    g.cookie_session.id = None


def start_clean() -> None:
    """Empty the cookie session, under a new id where it has one, with new form tokens."""
    cookie.clear()
    renew_session_id()
    forget_csrf_token()


def _put_back(app: Application) -> None:
    """Make both cookies what they were when the request came: it never happened."""
    g.pop("remember_cookie", None)
    opened = g.get("cookie_session")
    if opened is not None and "session_is_lost" not in g:
        before = cast(SignedCookies, app.session_interface).load(app, request)
        opened.clear()
        opened.update(before or {})
        opened.id = getattr(before, "id", None)
        opened.modified = False
