"""The names that sessions add to `g`."""

from datetime import datetime
from typing import Any, ClassVar, cast

from flask import g as flask_g

from app.request_globals import RequestGlobals

# Name, then value and seconds; the value is None to delete the cookie.
PendingCookies = dict[str, tuple[str | None, int]]


class SessionGlobals(RequestGlobals):
    # The cookies to set with the response, if it succeeds.
    pending_cookies: PendingCookies | None = None

    # The `LoginSession` of this request.
    login_session: Any = None
    # Why the login of the token that the browser sent has ended: an `EndReason`.
    end_reason: Any = None
    # When the login was last used, including this request.
    login_seen_at: datetime | None = None
    # User and login by id, for units of their own in this request (R13).
    identity: Any = None
    # The identity that the cookies authenticated, to which a rollback returns.
    authenticated_identity: Any = None

    INHERITED: ClassVar[frozenset[str]] = frozenset({"identity"})


g = cast(SessionGlobals, flask_g)
