"""Every mail there is, with something in it: the gallery shows them before anybody is sent one."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import current_app

from app.audit.actions import WORDS, Action
from app.audit.models import SecurityEvent
from app.sessions.device import device_label

AT = datetime(2026, 3, 7, tzinfo=UTC)
EVENT = SecurityEvent(at=AT, address="192.0.2.1", user_agent="Firefox/9 Linux")
ADDRESSES = ["activity_url", "login_url", "register_url", "reset_url", "url"]
# What templates of mails are given, all together. A mail of yours that wants more adds it here.
VALUES = {
    "device_label": device_label,
    "due_at": AT,
    "email": "alice@example.com",
    "event": EVENT,
    "happened": WORDS[Action.PASSWORD_CHANGED],
    "left": 3,
    "time_zone": ZoneInfo("UTC"),
    **dict.fromkeys(ADDRESSES, "https://example.com/a-link"),
}


def list_mails() -> list[str]:
    """Return the mails by the names of their templates, as send_mail_later() is given them."""
    folder = Path(current_app.root_path, "templates")
    return sorted(
        path.relative_to(folder).with_suffix("").as_posix()
        for path in folder.glob("**/mail/*.txt")
    )
