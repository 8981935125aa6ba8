"""Accounts without a password, and the credentials they need so that users keep access."""

from app.accounts.links import delete_links
from app.audit.trail import record
from app.passkeys.actions import PASSWORD_REMOVED
from app.two_factor.factors import revoke_other_access
from app.two_factor.recovery_codes import count_codes
from app.users.models import User


class LastCredential(ValueError):
    """Without this credential, the user could lose access to the account."""


def remove_password(user: User, passkeys: int) -> None:
    """Remove the password, end all other logins, and record it.

    Raises LastCredential while the loss of one device could lock the user out. The caller has the
    user from lock_current_login(), has counted the `passkeys` after that, and requests the commit.
    """
    if not is_safe_without_password(user, passkeys):
        raise LastCredential(user.email)
    user.password_hash = None
    delete_links(user)
    revoke_other_access(user)
    record(PASSWORD_REMOVED, user.id)


def require_other_credentials(user: User, passkeys: int) -> None:
    """Raise LastCredential if this number of passkeys is too small for the account."""
    if user.password_hash is None and not is_safe_without_password(user, passkeys):
        raise LastCredential(user.email)


def is_safe_without_password(user: User, passkeys: int) -> bool:
    """Return whether this number of passkeys is enough for an account without a password.

    If one is lost, the user signs in with another, or with a recovery code after a password
    reset by email.
    """
    return passkeys >= 2 or (passkeys == 1 and count_codes(user) > 0)
