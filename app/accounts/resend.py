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
        request_registration(pending.email, pending.next_url)
    else:
        request_reset(pending.email, pending.next_url)


def next_url_of(purpose: str, email: str, in_link: str | None) -> str | None:
    """Return the path to continue to: of the request made in this browser, else of the link.

    Another visitor may have requested the link that the address got last.
    """
    pending = find_pending_email()
    if pending is not None and (pending.purpose, pending.email) == (purpose, email):
        return pending.next_url
    return in_link
