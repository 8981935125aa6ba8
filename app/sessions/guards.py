"""Who may open a page: signed-in people, unless it is marked as public."""

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import current_app, g, request
from flask.typing import ResponseReturnValue

from app.application import Application, is_file
from app.sessions.current import current_login, current_user
from app.sessions.limits import setting
from app.sessions.recognition import is_polling

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


def recently_proved(view: Callable[Args, ResponseReturnValue]) -> Callable[Args, Any]:
    """Ask for the password again where the last proof is too old (ASVS 5.0 7.5.1).

    What was asked goes on after that, a form with what was typed into it.
    """

    @wraps(view)
    def guarded(*args: Args.args, **kwargs: Args.kwargs) -> ResponseReturnValue:
        if not is_recently_proved():
            answer: ResponseReturnValue = login_manager().needs_refresh()
            return answer
        return view(*args, **kwargs)

    return guarded


def is_recently_proved() -> bool:
    """Return whether whoever is signed in showed so recently that this is enough for anything."""
    login = current_login()
    return login is not None and login.was_proved_within(setting("RECENT_LOGIN_LIFETIME"))


def init_app(app: Application) -> None:
    app.before_request(require_login)


def is_public(endpoint: str) -> bool:
    return is_file(endpoint) or getattr(current_app.view_functions[endpoint], "is_public", False)


def require_login() -> ResponseReturnValue | None:
    """Have the doorway answer whoever is not signed in and asks for more than a public page.

    On public pages, too, people are looked up here, before the view writes or the page is begun.
    Not where scripts ask: whether the site is well must be told without the database.
    """
    if request.endpoint is None or is_file(request.endpoint):
        return None
    if is_public(request.endpoint) and is_polling():
        return None
    is_signed_in, is_open = current_user.is_authenticated, is_public(request.endpoint)
    if is_signed_in and not is_open:
        # A public page (sign-in, a mailed link) does nothing in the name of who is signed in.
        g.actor_id = current_user.id
    if is_signed_in or is_open:
        return None
    answer: ResponseReturnValue = login_manager().unauthorized()
    return answer


def login_manager() -> Any:
    """Return Flask-Login's manager, whose two answers the doorway fills in (app/auth/asking)."""
    return current_app.extensions["login_manager"]
