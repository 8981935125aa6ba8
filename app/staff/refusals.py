"""Why an action of staff is refused, besides the rules of roles. The page is a 409."""

from flask_babel import gettext as _

from app.roles.refusals import RoleRefused


class NoSecondFactor(RoleRefused):
    def __init__(self) -> None:
        super().__init__(_("This user has no second factor."))


class AccountUnusable(RoleRefused):
    def __init__(self) -> None:
        super().__init__(
            _("This account is disabled or will be deleted, so nothing can be reset.")
        )


class EmailLimitReached(RoleRefused):
    """MAIL_DAILY_LIMIT withheld an email, as if a visitor had requested it."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The email was not sent: this address has reached its daily limit of emails. One "
                "such email an hour is still sent: ask the user to look for the latest one, or "
                "try again in an hour."
            )
        )


class JobDone(RoleRefused):
    def __init__(self) -> None:
        super().__init__(_("This job is done by now, so it cannot be given up."))


class NotSentAgain(RoleRefused):
    """The state or the kind of an email does not allow to send it again; the message says why."""
