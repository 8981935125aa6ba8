"""What a visitor has asked to be mailed, kept in their browser so that they can ask again."""

from dataclasses import astuple, dataclass
from datetime import timedelta

from app import expiring
from app.accounts.models import REGISTER
from app.accounts.passwords import ask_for_reset
from app.accounts.registration import register
from app.users.models import normalize_email

WISH = "wish"
LIFETIME = timedelta(hours=1)


@dataclass(frozen=True)
class Wish:
    purpose: str
    email: str
    # The local path to open afterwards, if the visitor came from one.
    wanted: str | None = None


def keep_wish(purpose: str, email: str, wanted: str | None = None) -> None:
    expiring.put(WISH, astuple(Wish(purpose, normalize_email(email), wanted)), LIFETIME)


def find_wish() -> Wish | None:
    kept = expiring.get(WISH)
    return Wish(*kept) if kept else None


def repeat_wish(wish: Wish) -> None:
    """Send the mail once more. Only the mail tells whether there is an account, as before."""
    if wish.purpose == REGISTER:
        register(wish.email)
    else:
        ask_for_reset(wish.email)


def wanted_by(email: str) -> str | None:
    """Return where this browser wanted to go when it asked for an account with this address."""
    wish = find_wish()
    return wish.wanted if wish and (wish.purpose, wish.email) == (REGISTER, email) else None
