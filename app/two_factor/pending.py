"""The right password was given, and the second step is awaited: from this browser, for minutes.

What is known of it stands in the cookie session and opens nothing but the second step. It holds
for one password: a change of it meanwhile, from anywhere, ends the wait.
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
class Pending:
    pending_sign_in: PendingSignIn
    # What the password was when it was right.
    password_mark: str


def save_pending(pending_sign_in: PendingSignIn) -> None:
    """Remember who has to prove more here, and what they came for."""
    login = current_login() if pending_sign_in.is_reauthentication else None
    expiring.put(
        PENDING,
        [
            pending_sign_in.user.id,
            _mark(pending_sign_in.user),
            login.id if login else None,
            pending_sign_in.remembered,
            pending_sign_in.next_url,
        ],
        setting("SECOND_STEP_LIFETIME"),
    )
    renew_session_id()


def find_pending(saved_form: str | None = None) -> Pending | None:
    """Return who is awaited in this browser, or None: nobody, too late, or changed meanwhile.

    `saved_form` is a form that travels in the page, too long for a cookie.
    """
    match expiring.get(PENDING, seen_session()):
        case [int(user_id), str(mark), (int() | None) as login_id, bool(remembered), str(wanted)]:
            user = db.session.get(User, user_id)
        case _:
            return None
    if user is None or not is_valid_for(user, mark):
        return None
    login = current_login()
    if login_id is not None and (login is None or login.id != login_id):
        return None
    pending_sign_in = PendingSignIn(
        user, wanted, saved_form, remembered, is_reauthentication=login_id is not None
    )
    return Pending(pending_sign_in, mark)


def is_still_valid(pending: Pending) -> bool:
    """Lock the person and return whether nothing has changed since their password was right."""
    user = pending.pending_sign_in.user
    db.session.refresh(user, with_for_update=True)
    return is_valid_for(user, pending.password_mark)


def forget_pending() -> None:
    expiring.pop(PENDING)


def is_valid_for(user: User, mark: str) -> bool:
    """Return whether the password that was right is still the one of a live account."""
    return user.is_active and mark == _mark(user)


def _mark(user: User) -> str | None:
    """Return what changes with the password and tells nothing of it, or None without a password.

    Its hash, whose salt is random, is also what a forger with a former SECRET_KEY lacks. Without
    a password none can have been right, so that nothing is awaited.
    """
    if user.password_hash is None:
        return None
    return digest(f"second step after {user.password_hash}").hex()[:16]
