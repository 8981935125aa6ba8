"""REQUIRE_SECOND_FACTOR: users set up a second factor before any other page opens."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from flask import abort, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import expiring
from app.application import Application
from app.sessions.current import current_user
from app.sessions.guards import is_public
from app.two_factor.factors import has_second_factor
from app.web.errors import wants_json
from app.web.redirects import current_path

View = TypeVar("View", bound=Callable[..., Any])
PAGE_AFTER_SETUP = "page_after_setup"
# Enough time to find, install and learn an authenticator app.
PAGE_LIFETIME = timedelta(minutes=30)
# Endpoints of parts that do not import this one: setting up a factor requires reauthentication,
# and extending a login is not a page.
ALLOWED = frozenset({"auth.prove", "sessions.stay"})


def init_app(app: Application) -> None:
    if app.config["REQUIRE_SECOND_FACTOR"]:
        app.before_request(require_second_factor)


def allowed_without_second_factor(view: View) -> View:
    """Mark a view that users without a second factor may open, such as those that set one up."""
    view.is_allowed_without_second_factor = True  # type: ignore[attr-defined]  # a mark on a function
    return view


def require_second_factor() -> ResponseReturnValue | None:
    """Redirect users without a second factor to the page that sets one up."""
    endpoint = request.endpoint
    if endpoint is None or endpoint in ALLOWED or is_public(endpoint):
        return None
    if getattr(current_app.view_functions[endpoint], "is_allowed_without_second_factor", False):
        return None
    if has_second_factor(current_user):
        return None
    return second_factor_missing_response()


def second_factor_missing_response() -> ResponseReturnValue:
    """Send the user to the page that sets up a second factor; return 403 to a program.

    The setup continues to the page that was requested.
    """
    if wants_json():
        abort(403)
    if request.method == "GET":
        expiring.put(PAGE_AFTER_SETUP, current_path(), PAGE_LIFETIME)
    flash(_("This page requires two-factor authentication. Set it up to continue."), "info")
    return redirect(url_for("two_factor.two_factor"), 303)
