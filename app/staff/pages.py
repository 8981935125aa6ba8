"""The pages of staff: who may open one, and the links between them.

A page of your own begins with the same decorator, and is listed in `staff_pages`:

    @blueprint.get("/staff/orders")
    @staff_page(Permission.SEE_ORDERS)
    def orders() -> ResponseReturnValue: ...

    staff_pages.add(app, StaffPage("orders.orders", _("Orders"), Permission.SEE_ORDERS))
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec

from flask import current_app
from flask.typing import ResponseReturnValue

from app.application import Application, ExtensionPoint
from app.roles import requires
from app.roles.access import get_permissions
from app.sessions.current import current_user
from app.sessions.guards import reauthentication_required
from app.two_factor.factors import has_second_factor
from app.two_factor.requirement import second_factor_missing_response
from app.users.models import User

Args = ParamSpec("Args")


@dataclass(frozen=True)
class StaffPage:
    """A page that the navigation of the staff pages links to."""

    endpoint: str
    # lazy_gettext(), because the navigation is in the language of each user.
    label: str
    # The permission that its view requires.
    permission: str


staff_pages: ExtensionPoint[StaffPage] = ExtensionPoint("staff_pages")


def init_app(app: Application) -> None:
    app.add_template_filter(open_pages, "open_staff_pages")


def open_pages(user: User) -> list[StaffPage]:
    """Return the pages that a user may open."""
    held = get_permissions(user.id)
    return [page for page in staff_pages.items() if page.permission in held]


def staff_page(
    permission: str,
) -> Callable[[Callable[Args, ResponseReturnValue]], Callable[Args, Any]]:
    """Open a view to staff with this permission, a second factor and a recent authentication.

    Write it below the route. To a signed-in user without the permission, the page does not exist
    (404); visitors are sent to sign in.
    """

    def guard(view: Callable[Args, ResponseReturnValue]) -> Callable[Args, Any]:
        return requires(permission)(second_factor_required(reauthentication_required(view)))

    return guard


def second_factor_required(
    view: Callable[Args, ResponseReturnValue],
) -> Callable[Args, ResponseReturnValue]:
    """Send staff without a second factor to the page that sets one up (STAFF_SECOND_FACTOR)."""

    @wraps(view)
    def guarded(*args: Args.args, **kwargs: Args.kwargs) -> ResponseReturnValue:
        if current_app.config["STAFF_SECOND_FACTOR"] and not has_second_factor(current_user):
            return second_factor_missing_response()
        return view(*args, **kwargs)

    return guarded
