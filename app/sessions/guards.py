"""Access to pages: each requires a sign-in, unless it is marked as public."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import current_app, request
from flask.typing import ResponseReturnValue

from app.application import Application, is_static_file
from app.sessions.authenticate import is_polling
from app.sessions.current import current_login, get_current_user
from app.sessions.logins import setting
from app.sessions.request_globals import g
from app.web.saved_form import downgrade_to_get

View = TypeVar("View", bound=Callable[..., Any])
Args = ParamSpec("Args")


def public(view: View) -> View:
    """Allow visitors to open a page. All other pages require a sign-in."""
    view.is_public = True  # type: ignore[attr-defined]  # an attribute of a function
    return view


def polling(view: View) -> View:
    """Mark a page that scripts request on their own; it does not extend the idle limit."""
    view.is_polling = True  # type: ignore[attr-defined]  # an attribute of a function
    return view


def reauthentication_required(view: Callable[Args, ResponseReturnValue]) -> Callable[Args, Any]:
    """Require a reauthentication within RECENT_LOGIN_LIFETIME (ASVS 5.0 7.5.1).

    Afterwards the user continues with the requested page, or with the submitted form.
    """

    @wraps(view)
    def guarded(*args: Args.args, **kwargs: Args.kwargs) -> ResponseReturnValue:
        if not is_recently_authenticated():
            response: ResponseReturnValue = login_manager().needs_refresh()
            return response
        return view(*args, **kwargs)

    return guarded


def is_recently_authenticated() -> bool:
    """Return whether the user has authenticated within RECENT_LOGIN_LIFETIME."""
    login = current_login()
    return login is not None and login.was_authenticated_within(setting("RECENT_LOGIN_LIFETIME"))


def init_app(app: Application) -> None:
    app.before_request(check_access)


def is_public(endpoint: str) -> bool:
    return is_static_file(endpoint) or getattr(
        current_app.view_functions[endpoint], "is_public", False
    )


def check_access() -> ResponseReturnValue | None:
    """Require a sign-in except for public pages, then show a form again whose token has expired.

    On public pages the user is looked up too, before the view writes or the page is rendered. A
    public page that scripts poll is an exception: health checks must work without the database.
    """
    endpoint = request.endpoint
    if endpoint is None or is_static_file(endpoint):
        return None
    is_open = is_public(endpoint)
    if is_open and is_polling():
        return None
    user = get_current_user()
    if not is_open and not user.is_authenticated:
        response: ResponseReturnValue = login_manager().unauthorized()
        return response
    if not is_open:
        # A public page (sign-in, an emailed link) does not act in the name of the signed-in user.
        g.actor_id = user.id
    return downgrade_to_get()


def login_manager() -> Any:
    """Return Flask-Login's manager, whose two responses come from app/auth/responses.py."""
    return current_app.extensions["login_manager"]
