"""The mail that a used recovery code sends."""

from app.mail.outbox import send_mail_later
from app.mail.templates import absolute_url
from app.preferences.choices import locale_of
from app.two_factor.recovery_codes import count_codes
from app.users.models import User


def mail_code_used(user: User) -> None:
    """Tell the owner that a code was used, and how many are left."""
    send_mail_later(
        user.email,
        "two_factor/mail/recovery_code_used",
        locale=locale_of(user),
        left=count_codes(user),
        url=absolute_url("two_factor.two_factor"),
        reset_url=absolute_url("accounts.reset"),
    )
