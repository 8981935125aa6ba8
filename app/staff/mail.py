"""The emails of staff that are about more than a security event."""

from datetime import datetime

from app.accounts.mail import mail_user
from app.mail.templates import absolute_url
from app.roles.mail import time_zone_of
from app.users.models import User


def mail_factor_reset(user: User, token: str, due_at: datetime) -> None:
    """Tell the owner that staff will reset the second factors, with a link that stops it."""
    mail_user(
        user,
        "staff/mail/factor_reset",
        due_at=due_at,
        time_zone=time_zone_of(user),
        url=absolute_url("staff.keep_factors", token=token),
    )
