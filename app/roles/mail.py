"""The emails about a change of a role: one to its user, one to the user who made it."""

from datetime import datetime
from zoneinfo import ZoneInfo

from app.accounts.mail import mail_user
from app.mail.templates import absolute_url
from app.preferences.choices import chosen_by
from app.users.models import User


def mail_change(
    actor: User | None,
    user: User,
    role: str,
    *,
    is_granted: bool,
    expires_at: datetime | None = None,
) -> None:
    """Write both emails. That to the user does not name the actor: staff stay anonymous (A12)."""
    values = {"role": role, "is_granted": is_granted, "expires_at": expires_at}
    mail_user(user, "roles/mail/changed", time_zone=time_zone_of(user), **values)
    if actor is not None:
        mail_user(
            actor,
            "roles/mail/changed_by_you",
            email=user.email,
            reset_url=absolute_url("accounts.reset"),
            time_zone=time_zone_of(actor),
            **values,
        )


def time_zone_of(user: User) -> ZoneInfo:
    return ZoneInfo(chosen_by(user, "time_zone"))
