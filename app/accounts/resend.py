"""Resend an email: the last request is kept in the visitor's cookie session."""

from dataclasses import astuple, dataclass
from datetime import timedelta

from app import expiring
from app.accounts.models import REGISTER
from app.accounts.password_reset import request_reset
from app.accounts.registration import request_registration
from app.users.models import normalize_email

PENDING_EMAIL = "pending_email"
PENDING_EMAIL_LIFETIME = timedelta(hours=1)


@dataclass(frozen=True)
class PendingEmail:
    purpose: str
    email: str
    # The local path to continue to, if the visitor came from one.
    next_url: str | None = None


def save_pending_email(purpose: str, email: str, next_url: str | None = None) -> None:
    pending = PendingEmail(purpose, normalize_email(email), next_url)
    expiring.put(PENDING_EMAIL, astuple(pending), PENDING_EMAIL_LIFETIME)


def find_pending_email() -> PendingEmail | None:
    saved = expiring.get(PENDING_EMAIL)
    return PendingEmail(*saved) if saved else None


def resend(pending: PendingEmail) -> None:
    """Send the email again. As before, only the email tells whether there is an account (A2)."""
    if pending.purpose == REGISTER:
        request_registration(pending.email)
    else:
        request_reset(pending.email)


def next_url_of(email: str) -> str | None:
    """Return the path to continue to after this address was registered in this browser."""
    pending = find_pending_email()
    is_same = pending is not None and (pending.purpose, pending.email) == (REGISTER, email)
    return pending.next_url if pending is not None and is_same else None
