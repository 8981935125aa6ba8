"""The emails about accounts: one function and one template each."""

from datetime import datetime
from zoneinfo import ZoneInfo

from app.audit.models import SecurityEvent
from app.mail.outbox import send_mail_later
from app.mail.templates import absolute_url
from app.preferences.choices import chosen_by, locale_of
from app.sessions.device_labels import device_label
from app.users.models import User


def mail_confirmation(email: str, token: str, next_url: str | None) -> None:
    url = absolute_url("accounts.confirm", token=token, next=next_url)
    mail_address(email, "accounts/mail/confirm", url=url)


def mail_already_registered(user: User, next_url: str | None = None) -> None:
    mail_user(
        user,
        "accounts/mail/already_registered",
        login_url=absolute_url("auth.login", next=next_url),
        reset_url=absolute_url("accounts.reset", next=next_url),
    )


def mail_reset(user: User, token: str, next_url: str | None) -> None:
    url = absolute_url("accounts.set_password", token=token, next=next_url)
    mail_user(user, "accounts/mail/reset", url=url)


def mail_unusable(user: User, next_url: str | None) -> None:
    login_url = absolute_url("auth.login", next=next_url)
    mail_user(user, "accounts/mail/unusable", login_url=login_url)


def mail_no_account(email: str, next_url: str | None) -> None:
    register_url = absolute_url("accounts.register", next=next_url)
    mail_address(email, "accounts/mail/no_account", register_url=register_url)


def mail_notice(user: User, event: SecurityEvent) -> None:
    mail_user(
        user,
        "accounts/mail/notice",
        event=event,
        # The template calls it, because the language is set when the template is rendered.
        device_label=device_label,
        time_zone=ZoneInfo(chosen_by(user, "time_zone")),
        reset_url=absolute_url("accounts.reset"),
        activity_url=absolute_url("activity.activity"),  # part: activity
    )


def mail_confirm_new_email(user: User, email: str, token: str) -> None:
    send_mail_later(
        email,
        "accounts/mail/confirm_new_email",
        locale=locale_of(user),
        url=absolute_url("accounts.confirm", token=token),
    )


def mail_change_requested(user: User, email: str, token: str) -> None:
    mail_user(
        user,
        "accounts/mail/email_change_requested",
        email=email,
        url=absolute_url("accounts.keep_email", token=token),
    )


def mail_email_changed(user: User, old_email: str, token: str) -> None:
    send_mail_later(
        old_email,
        "accounts/mail/email_changed",
        locale=locale_of(user),
        email=user.email,
        url=absolute_url("accounts.keep_email", token=token),
    )


def mail_deletion(user: User, due_at: datetime) -> None:
    mail_user(user, "accounts/mail/deletion", due_at=due_at, login_url=absolute_url("auth.login"))


def mail_user(user: User, template: str, **values: object) -> None:
    """Send an email in the language the user chose, or else that of the request."""
    send_mail_later(user.email, template, locale=locale_of(user), **values)


def mail_address(email: str, template: str, **values: object) -> None:
    """Send an email to an address without an account; costs as much as mail_user() (A2)."""
    send_mail_later(email, template, locale=locale_of(None), **values)
