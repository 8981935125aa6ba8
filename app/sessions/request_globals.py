"""What sessions keep on `g`."""

from datetime import datetime
from typing import Any, ClassVar, cast

from flask import g as flask_g

from app.request_globals import RequestGlobals


class SessionGlobals(RequestGlobals):
    # The cookies to set with the response, if it succeeds: name, then value and seconds; the value
    # is None to delete the cookie.
    pending_cookies: dict[str, tuple[str | None, int]] | None = None

    # The `LoginSession` of this request, ...
    login_session: Any = None
    # ... why the login that the browser named has ended, an `EndReason`, ...
    end_reason: Any = None
    # ... and when it was last used, this request included.
    login_seen_at: datetime | None = None
    # User and login by id, for units of their own in this request (R13), ...
    identity: Any = None
    # ... and as the cookies said, to which a rollback returns.
    authenticated_identity: Any = None

    INHERITED: ClassVar[frozenset[str]] = frozenset({"identity"})


g = cast(SessionGlobals, flask_g)
