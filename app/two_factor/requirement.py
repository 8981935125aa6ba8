"""REQUIRE_SECOND_FACTOR: whoever has none sets one up before anything else opens."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import abort, current_app, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.application import Application
from app.sessions.current import current_user
from app.sessions.guards import is_public
from app.two_factor.factors import has_second_factor
from app.web.errors import wants_json

View = TypeVar("View", bound=Callable[..., Any])
# Of parts that do not know this one: proof comes before setting up, and staying is no page.
OPEN = frozenset({"auth.prove", "sessions.stay"})


def init_app(app: Application) -> None:
    if app.config["REQUIRE_SECOND_FACTOR"]:
        app.before_request(require_second_factor)


def allowed_without_second_factor(view: View) -> View:
    """Mark a page on which a second factor is set up: it opens to who has none yet."""
    view.sets_up_second_factor = True  # type: ignore[attr-defined]  # a mark on a function
    return view


def require_second_factor() -> ResponseReturnValue | None:
    """Send whoever has no second factor to where one is set up."""
    endpoint = request.endpoint
    if endpoint is None or endpoint in OPEN or is_public(endpoint):
        return None
    if getattr(current_app.view_functions[endpoint], "sets_up_second_factor", False):
        return None
    if has_second_factor(current_user):
        return None
    if wants_json():
        abort(403)
    flash(_("This site asks everybody for a second factor. Set one up, then go on."), "info")
    return redirect(url_for("two_factor.two_factor"), 303)
