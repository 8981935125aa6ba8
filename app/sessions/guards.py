"""Who may open a page: signed-in people, unless it is marked as public."""

from collections.abc import Callable
from typing import TypeVar

from flask import abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.application import Application
from app.errors import wants_json
from app.redirects import current_path
from app.sessions.current import current_user

View = TypeVar("View", bound=Callable[..., object])


def public(view: View) -> View:
    """Open a page to everybody. What is not marked asks for a sign-in."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def init_app(app: Application) -> None:
    app.before_request(require_login)


def is_public(endpoint: str) -> bool:
    is_file = endpoint == "static" or endpoint.endswith(".static")
    return is_file or getattr(current_app.view_functions[endpoint], "is_public", False)


def require_login() -> ResponseReturnValue | None:
    """Send a visitor to sign in and remember where to; a program gets 401."""
    if request.endpoint is None or is_public(request.endpoint) or current_user.is_authenticated:
        return None
    if wants_json():
        abort(401)
    wanted = current_path() if request.method in {"GET", "HEAD"} else None
    return redirect(url_for("auth.login", next=wanted), 303)
