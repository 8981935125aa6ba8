"""Ask what the signed-in user may do: `@requires(…)` on a view, `may("…")` in a template.

The answer is read from the database once in a request, and only if it is asked for. It is kept
nowhere else, so that a change takes effect at the next request.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import wraps
from typing import Any, ParamSpec

from flask import abort
from flask.typing import ResponseReturnValue

from app.roles.held import ends_of_permissions
from app.roles.tables import require_known_permission
from app.sessions.current import get_current_user
from app.sessions.guards import login_manager
from app.web.resources import per_request

Args = ParamSpec("Args")


def requires(
    permission: str,
) -> Callable[[Callable[Args, ResponseReturnValue]], Callable[Args, Any]]:
    """Open a view only to users with this permission; to others, it does not exist (404).

    Visitors are sent to sign in, as by every view that is not public.
    """

    def guard(view: Callable[Args, ResponseReturnValue]) -> Callable[Args, Any]:
        @wraps(view)
        def guarded(*args: Args.args, **kwargs: Args.kwargs) -> ResponseReturnValue:
            if not get_current_user().is_authenticated:
                response: ResponseReturnValue = login_manager().unauthorized()
                return response
            if not may(permission):
                abort(404)
            return view(*args, **kwargs)

        return guarded

    return guard


def may(permission: str) -> bool:
    """Return whether the signed-in user has a permission. Raises LookupError if it is unknown."""
    require_known_permission(permission)
    user = get_current_user()
    return user.is_authenticated and permission in get_permission_ends(user.id)


def get_permissions(user_id: int) -> frozenset[str]:
    """Return the permissions of a user, read once in a request."""
    return frozenset(get_permission_ends(user_id))


def get_permission_ends(user_id: int) -> dict[str, datetime]:
    """Return when each permission of a user ends, read once in a request."""
    if user_id not in ends_by_user():
        ends_by_user()[user_id] = ends_of_permissions(user_id)
    return ends_by_user()[user_id]


@per_request
def ends_by_user() -> Iterator[dict[int, dict[str, datetime]]]:
    yield {}
