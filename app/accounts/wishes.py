"""What a visitor has asked to be mailed, kept in their browser so that they can ask again."""

from dataclasses import astuple, dataclass
from datetime import timedelta

from app import expiring
from app.accounts.models import REGISTER
from app.accounts.passwords import ask_for_reset
from app.accounts.registration import register_again
from app.users.models import normalize_email

WISH = "wish"
LIFETIME = timedelta(hours=1)


@dataclass(frozen=True)
class Wish:
    purpose: str
    email: str
    # What a registration is known by; it opens nothing.
    link: str | None = None


def keep_wish(purpose: str, email: str, link: str | None = None) -> None:
    """Note what was asked for; a double click, which made no link, does not forget the first."""
    wish, former = Wish(purpose, normalize_email(email), link), find_wish()
    if link is None and former and (former.purpose, former.email) == (purpose, wish.email):
        return
    expiring.put(WISH, astuple(wish), LIFETIME)


def find_wish() -> Wish | None:
    kept = expiring.get(WISH)
    return Wish(*kept) if kept else None


def repeat_wish(wish: Wish) -> None:
    """Send the mail once more. Who has an account is told by it alone, as before."""
    if wish.purpose == REGISTER:
        keep_wish(REGISTER, wish.email, register_again(wish.email, wish.link))
    else:
        ask_for_reset(wish.email)
