"""Why an action of staff on a user is refused, besides the rules of roles. The page is a 409."""

from flask_babel import gettext as _

from app.roles.refusals import RoleRefused


class NoSecondFactor(RoleRefused):
    def __init__(self) -> None:
        super().__init__(_("This user has no second factor."))


class AccountUnusable(RoleRefused):
    def __init__(self) -> None:
        super().__init__(
            _("This account is disabled or will be deleted, so it is sent no password reset.")
        )
