"""Who may open a page: signed-in people, unless it is marked as public."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import current_app, request
from flask.typing import ResponseReturnValue

from app.application import Application, is_static_file
from app.sessions.authenticate import is_polling
from app.sessions.current import current_login, current_user
from app.sessions.logins import setting
from app.sessions.request_globals import g
from app.web.saved_form import downgrade_to_get

View = TypeVar("View", bound=Callable[..., Any])
Args = ParamSpec("Args")


def public(view: View) -> View:
    """Open a page to everybody. What is not marked asks for a sign-in."""
    view.is_public = True  # type: ignore[attr-defined]  # a mark on a function
    return view


def polling(view: View) -> View:
    """Mark a page that scripts ask for on their own; it keeps no login alive."""
    view.is_polling = True  # type: ignore[attr-defined]  # a mark on a function
    return view


def reauthentication_required(view: Callable[Args, ResponseReturnValue]) -> Callable[Args, Any]:
    """Ask for the password again where the last proof is too old (ASVS 5.0 7.5.1).

    What was asked goes on after that, a form with what was typed into it.
    """

    @wraps(view)
    def guarded(*args: Args.args, **kwargs: Args.kwargs) -> ResponseReturnValue:
        if not is_recently_authenticated():
            answer: ResponseReturnValue = login_manager().needs_refresh()
            return answer
        return view(*args, **kwargs)

    return guarded


def is_recently_authenticated() -> bool:
    """Return whether whoever is signed in showed so recently that this is enough for anything."""
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
    if request.endpoint is None or is_static_file(request.endpoint):
        return None
    is_open = is_public(request.endpoint)
    if is_open and is_polling():
        return None
    if current_user.is_authenticated and not is_open:
        # A public page (sign-in, a mailed link) does not act in the name of the signed-in user.
        g.actor_id = current_user.id
    elif not is_open:
        answer: ResponseReturnValue = login_manager().unauthorized()
        return answer
    return downgrade_to_get()


def login_manager() -> Any:
    """Return Flask-Login's manager, whose two responses come from app/auth/challenges.py."""
    return current_app.extensions["login_manager"]
