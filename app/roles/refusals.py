"""Why a role cannot be granted or revoked. A command prints the message, a page is a 409."""

from datetime import datetime

import click
from flask.typing import ResponseReturnValue
from flask_babel import format_datetime
from flask_babel import gettext as _
from werkzeug.exceptions import Conflict, NotFound

from app.application import Application
from app.users.accounts import AccountRequired
from app.web.errors import NOTHING_CHANGED, ErrorText, error_response
from app.web.i18n import lazy_gettext


class RoleRefused(click.ClickException):
    """A rule forbids this change of a role, or this action on a user."""


class PermissionMissing(RoleRefused):
    """The permission was revoked after the page was opened, or while the request waited."""

    def __init__(self) -> None:
        super().__init__(_("You no longer have the permission for this."))


class OwnAccount(RoleRefused):
    def __init__(self) -> None:
        super().__init__(_("You can't do this to your own account. Ask another admin."))


class UserHoldsMore(RoleRefused):
    def __init__(self) -> None:
        super().__init__(_("This user has permissions that you don't have."))


class RoleHoldsMore(RoleRefused):
    def __init__(self) -> None:
        super().__init__(_("This role has permissions that you don't have."))


class GrantOutlasts(RoleRefused):
    """The end of the grant is later than that of the actor's own permissions."""

    def __init__(self, latest: datetime) -> None:
        super().__init__(
            _(
                "Your own permissions end on %(when)s, so the role cannot end later.",
                when=format_datetime(latest, "medium"),
            )
        )


class RoleUnknown(RoleRefused):
    def __init__(self, role: str, known: list[str]) -> None:
        super().__init__(
            _(
                "There is no role %(role)s. The roles are: %(known)s.",
                role=role,
                known=", ".join(sorted(known)),
            )
        )


def init_app(app: Application) -> None:
    app.register_error_handler(PermissionMissing, lambda error: error_response(NotFound()))
    app.register_error_handler(RoleRefused, refusal_response)
    app.register_error_handler(AccountRequired, refusal_response)


def refusal_response(error: click.ClickException) -> ResponseReturnValue:
    text = ErrorText(
        lazy_gettext("This is not possible"),
        error.message,
        NOTHING_CHANGED,
        lazy_gettext("Go back and reload the page."),
    )
    return error_response(Conflict(), text)
