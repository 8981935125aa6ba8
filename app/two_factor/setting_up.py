"""Turn the authenticator on and off."""

from datetime import timedelta

from app import expiring
from app.two_factor.authenticators import (
    add_authenticator,
    drop_authenticator,
    has_authenticator,
)
from app.two_factor.factors import note_added, note_removed
from app.two_factor.kinds import AUTHENTICATOR
from app.two_factor.recovery_codes import NewCodes, keep_codes
from app.two_factor.sealed import get_sealed, put_sealed
from app.two_factor.totp import make_secret
from app.users.models import User

OFFERED = "offered_authenticator"
# Long enough to find, install and learn an authenticator.
OFFER_LIFETIME = timedelta(minutes=30)


class AlreadySetUp(Exception):
    """Another tab, or another device, was faster."""


def offer_secret() -> bytes:
    """Return the secret that the page shows; the same until it is taken or too old.

    Until a code confirms it nothing is kept but in this browser, sealed, for this login.
    """
    secret = get_sealed(OFFERED)
    if secret is None:
        secret = make_secret()
        put_sealed(OFFERED, secret, OFFER_LIFETIME)
    return secret


def set_up_authenticator(user: User, code: str, codes: NewCodes | None) -> bool:
    """Turn on what was offered, if this is a code of it; every other login of the person ends.

    `codes` become their recovery codes. Raises AlreadySetUp. The caller has the user from
    lock_current_login(), and asks for the commit.
    """
    if has_authenticator(user):
        raise AlreadySetUp
    if not add_authenticator(user, offer_secret(), "".join(code.split())):
        return False
    if codes is not None:
        keep_codes(user, codes)
    expiring.pop(OFFERED)
    note_added(user, AUTHENTICATOR.name)
    return True


def turn_off_authenticator(user: User) -> None:
    """Remove the authenticator, and end every other login; with the last factor the codes go.

    The caller has the user from lock_current_login(), and asks for the commit.
    """
    if has_authenticator(user):
        drop_authenticator(user)
        note_removed(user, AUTHENTICATOR.name)
