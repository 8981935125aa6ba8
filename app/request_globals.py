"""What one request keeps on `g`: every name, with its type, its default and its reason.

`g` belongs to one application context: that of a request, a command, a job or a `unit_of_work()`.
It is empty at the beginning and discarded at the end. A part that needs names of its own declares
them in a class beside its code and passes the class to `Application.declare_globals()`. A test
rejects every other name.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, Self, cast

from flask import Flask
from flask import g as flask_g
from flask.sessions import SecureCookieSession
from werkzeug.datastructures import ImmutableMultiDict


class RequestGlobals(Flask.app_ctx_globals_class):  # type: ignore[valid-type, misc]  # has no public name
    # --- app/unit_of_work: the open unit of work, a `Unit` ...
    unit: Any = None
    # ... and whether commit_later() was called in it.
    commit_later: bool = False

    # --- app/application.py: whether an exception left the view, ...
    view_failed: bool = False
    # ... and the headers that it set, so that a response that replaces it carries none of them.
    view_headers: Sequence[tuple[str, str]] = ()

    # --- app/web/logs.py: the id that connects all log lines of a request and of its jobs, ...
    request_id: str | None = None
    # ... when the request began, in seconds of perf_counter(), ...
    started_at: float = 0.0
    # ... the id of the signed-in user, ...
    user_id: int | None = None
    # ... and the number and the seconds of its queries, for the access line.
    query_count: int = 0
    query_seconds: float = 0.0

    # --- app/sessions/store.py: the opened cookie session (reading `flask.session` would mark the
    # response `Vary: Cookie`), and whether it is unknown because its server is down.
    cookie_session: SecureCookieSession | None = None
    session_is_lost: bool = False

    # --- app/web/saved_form.py: the fields of a form whose CSRF token has expired.
    expired_form: ImmutableMultiDict[str, str] | None = None
    # --- app/web/headers.py: the nonce of this response's Content-Security-Policy.
    csp_nonce: str | None = None
    # ... and the names of the request headers on which it depends, for Vary.
    vary_on: tuple[str, ...] = ()

    # --- app/web/resources.py: the resources that @per_request functions opened, in this order.
    resources: dict[Any, Any] | None = None

    # --- app/web/rendering/fragments.py: the endpoints that the fragment being rendered links to.
    fragment_endpoints: set[str] | None = None

    # --- Flask-WTF: the CSRF token of this response, and whether that of the request is valid.
    csrf_token: str
    csrf_valid: bool
    # --- Flask-Login: the user of this request.
    _login_user: Any
    # --- Flask-Babel: the language and the time zone of this request.
    _flask_babel: Any
    # --- Flask-Migrate: the options of a `flask db` command.
    directory: str | None
    x_arg: list[str] | None

    # --- app/audit: the signed-in user in whose name this request acts.
    actor_id: int | None = None

    # What a `unit_of_work()` takes over from the context that opens it.
    INHERITED: ClassVar[frozenset[str]] = frozenset({"request_id", "actor_id"})

    @property
    def itself(self) -> Self:
        """Return the object behind Flask's proxy, which finds it again at each access.

        For functions that run in every request and use several names.
        """
        return self

    def inherited(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name in self.INHERITED}


# Flask's proxy, with the types of the class above.
g = cast(RequestGlobals, flask_g)
