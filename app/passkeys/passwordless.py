"""An account that wants no password, and what it needs so that nobody is locked out."""

from app.accounts.links import delete_links
from app.audit.actions import Action
from app.audit.trail import record
from app.two_factor.factors import revoke_other_access
from app.two_factor.recovery_codes import count_codes
from app.users.models import User


class LastCredential(ValueError):
    """Without this the account could not be opened any more, or only until the next loss."""


def remove_password(user: User, passkeys: int) -> None:
    """Have the account opened by passkeys alone, end every other login, and record it.

    Raises NeededToSignIn while one lost device could lock its owner out. The caller has the user
    from lock_current_login(), has counted the `passkeys` after that, and asks for the commit.
    """
    if not is_safe_without_password(user, passkeys):
        raise LastCredential(user.email)
    user.password_hash = None
    delete_links(user)
    revoke_other_access(user)
    record(Action.PASSWORD_REMOVED, user.id)


def require_other_credentials(user: User, passkeys: int) -> None:
    """Raise NeededToSignIn if so many passkeys are too few for this account."""
    if user.password_hash is None and not is_safe_without_password(user, passkeys):
        raise LastCredential(user.email)


def is_safe_without_password(user: User, passkeys: int) -> bool:
    """Return whether so many passkeys suffice for an account that has no password.

    One may be lost. Then another opens the account, or a recovery code after a reset by mail.
    """
    return passkeys >= 2 or (passkeys == 1 and count_codes(user) > 0)
