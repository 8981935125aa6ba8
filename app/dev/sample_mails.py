"""Sample values for every email template, so that /dev/mail can show each without sending it."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import current_app

from app.audit.actions import Action
from app.audit.models import SecurityEvent
from app.sessions.device_labels import device_label

AT = datetime(2026, 3, 7, tzinfo=UTC)
EVENT = SecurityEvent(
    at=AT, action=Action.PASSWORD_CHANGED, address="192.0.2.1", user_agent="Firefox/9 Linux"
)
URLS = [
    "activity_url",  # part: activity
    "login_url",
    "register_url",
    "reset_url",
    "url",
]
# The variables of all email templates together. Add the variables of your own emails here.
VALUES = {
    "device_label": device_label,
    "due_at": AT,
    "email": "alice@example.com",
    "event": EVENT,
    "left": 3,  # part: two_factor
    # part: roles
    "expires_at": AT,
    "is_granted": True,
    "role": "support",
    # end part: roles
    "time_zone": ZoneInfo("UTC"),
    **dict.fromkeys(URLS, "https://example.com/a-link"),
}


def list_mails() -> list[str]:
    """Return the names of all email templates, as send_mail_later() takes them."""
    folder = Path(current_app.root_path, "templates")
    return sorted(
        path.relative_to(folder).with_suffix("").as_posix()
        for path in folder.glob("**/mail/*.txt")
    )
