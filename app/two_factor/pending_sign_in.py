"""The sign-in that waits for its second step, in this browser, for minutes.

Its state is in the cookie session, and permits nothing but the second step. It is bound to the
password that was verified: a change of the password ends it.
"""

from dataclasses import dataclass

from app import expiring
from app.auth.sign_in import PendingSignIn
from app.crypto.tokens import digest
from app.database import db
from app.sessions.cookies import renew_session_id, seen_session
from app.sessions.current import current_login
from app.sessions.logins import setting
from app.users.models import User

PENDING = "second_step"


@dataclass(frozen=True)
class PendingSecondStep:
    sign_in: PendingSignIn
    # Identifies the password that was verified.
    password_fingerprint: str


def save_pending(sign_in: PendingSignIn) -> None:
    """Store the sign-in in the cookie session until the second step."""
    login = current_login() if sign_in.is_reauthentication else None
    expiring.put(
        PENDING,
        [
            sign_in.user.id,
            _fingerprint(sign_in.user),
            login.id if login else None,
            sign_in.remembered,
            sign_in.next_url,
        ],
        setting("SECOND_STEP_LIFETIME"),
    )
    renew_session_id()


def find_pending(saved_form: str | None = None) -> PendingSecondStep | None:
    """Return the pending sign-in of this browser, or None if it has expired or is void.

    `saved_form` is passed in the page, because it is too long for a cookie.
    """
    match expiring.get(PENDING, seen_session()):
        case [
            int(user_id),
            str(fingerprint),
            (int() | None) as login_id,
            bool(remembered),
            str(next_url),
        ]:
            user = db.session.get(User, user_id)
        case _:
            return None
    if user is None or not is_valid_for(user, fingerprint):
        return None
    login = current_login()
    if login_id is not None and (login is None or login.id != login_id):
        return None
    sign_in = PendingSignIn(
        user, next_url, saved_form, remembered, is_reauthentication=login_id is not None
    )
    return PendingSecondStep(sign_in, fingerprint)


def is_still_valid(pending: PendingSecondStep) -> bool:
    """Lock the user and return whether the verified password is still the user's password."""
    user = pending.sign_in.user
    db.session.refresh(user, with_for_update=True)
    return is_valid_for(user, pending.password_fingerprint)


def forget_pending() -> None:
    expiring.pop(PENDING)


def is_valid_for(user: User, fingerprint: str) -> bool:
    """Return whether the account is active and its password is the verified one."""
    return user.is_active and fingerprint == _fingerprint(user)


def _fingerprint(user: User) -> str | None:
    """Return a value that changes with the password and does not reveal it.

    It is derived from the hash, whose salt is random: an attacker with a former SECRET_KEY cannot
    compute it. None without a password: no sign-in of such a user can wait here.
    """
    if user.password_hash is None:
        return None
    return digest(f"second step after {user.password_hash}").hex()[:16]
