"""What a visitor has asked to be mailed, kept in their browser so that they can ask again."""

from dataclasses import astuple, dataclass
from datetime import timedelta

from app import expiring
from app.accounts.models import REGISTER
from app.accounts.passwords import request_reset
from app.accounts.registration import register
from app.users.models import normalize_email

PENDING_EMAIL = "wish"
LIFETIME = timedelta(hours=1)


@dataclass(frozen=True)
class PendingEmail:
    purpose: str
    email: str
    # The local path to open afterwards, if the visitor came from one.
    wanted: str | None = None


def save_pending_email(purpose: str, email: str, wanted: str | None = None) -> None:
    expiring.put(
        PENDING_EMAIL, astuple(PendingEmail(purpose, normalize_email(email), wanted)), LIFETIME
    )


def find_pending_email() -> PendingEmail | None:
    kept = expiring.get(PENDING_EMAIL)
    return PendingEmail(*kept) if kept else None


def resend(wish: PendingEmail) -> None:
    """Send the mail once more. Only the mail tells whether there is an account, as before."""
    if wish.purpose == REGISTER:
        register(wish.email)
    else:
        request_reset(wish.email)


def next_url_of(email: str) -> str | None:
    """Return where this browser wanted to go when it asked for an account with this address."""
    wish = find_pending_email()
    return wish.wanted if wish and (wish.purpose, wish.email) == (REGISTER, email) else None
