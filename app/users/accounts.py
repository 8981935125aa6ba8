"""Find, create, lock and disable users."""

from collections.abc import Iterable

import click
from blinker import Namespace
from sqlalchemy import bindparam, exists, select

from app.clock import now
from app.database import db
from app.mail.addresses import parse_email
from app.users.hashing import hash_password
from app.users.models import User, normalize_email
from app.users.scheduled_deletions import Deletion

# Sent with the id of a user, in the unit of work that replaces the password, so that other parts
# revoke what was granted under the previous one.
password_changed = Namespace().signal("password-changed")
# Sent with a user, in the unit of work that disables the account or schedules its deletion, before
# it does. A receiver that raises AccountRequired prevents it. The row of the user is locked.
account_closing = Namespace().signal("account-closing")
# Sent with a user, in the same unit of work, once nothing has prevented it.
account_closed = Namespace().signal("account-closed")

_BY_EMAIL = select(User).where(User.email == bindparam("email"))
# In a statement about a user: neither disabled nor scheduled for deletion.
USABLE = User.disabled_at.is_(None) & ~exists().where(Deletion.user_id == User.id)
_USABLE_USER = select(User.id).where(User.id == bindparam("id"), USABLE)


class EmailTaken(ValueError):
    """An account with this email address exists already."""


class UserNotFound(click.ClickException):
    """No account has this email address. A command prints the message."""


class AccountRequired(click.ClickException):
    """The account cannot be disabled or deleted now. The message says why, and what to do."""


class InvalidEmail(ValueError):
    """The text is not an email address; the message says why."""


def find_user(email: str) -> User | None:
    return db.session.scalar(_BY_EMAIL, {"email": normalize_email(email)})


def get_user(email: str) -> User:
    """Return the user with this email address. Raises UserNotFound."""
    user = find_user(email)
    if user is None:
        raise UserNotFound(f"No user has the email address {email}.")
    return user


def lock_user(user: User) -> None:
    """Lock the row of a user until the end of the unit of work: other changes to it wait."""
    db.session.execute(select(User.id).where(User.id == user.id).with_for_update())


def lock_users(*users: User) -> None:
    """Lock the rows of several users, in one order everywhere: units then cannot deadlock."""
    ids = [user.id for user in users]
    db.session.execute(select(User.id).where(User.id.in_(ids)).order_by(User.id).with_for_update())


def is_usable(user: User | None) -> bool:
    """Return whether the account is in use: neither disabled nor scheduled for deletion.

    To sign in takes less (User.is_active), because a sign-in cancels a scheduled deletion.
    Reads the database, so that after lock_user() the result holds until the unit of work ends.
    """
    return user is not None and db.session.scalar(_USABLE_USER, {"id": user.id}) is not None


def list_users() -> Iterable[User]:
    return db.session.scalars(select(User).order_by(User.id))


def create_user(email: str, password: str) -> User:
    """Add a user. Raises InvalidEmail, and EmailTaken if the email address has an account.

    Two concurrent calls both pass this check, and the unique constraint rejects the second.
    """
    require_new_email(email)
    return add_user(email, hash_password(password))


def require_new_email(email: str) -> None:
    """Raise InvalidEmail or EmailTaken for an address that cannot have a new account."""
    try:
        parse_email(email)
    except ValueError as error:
        raise InvalidEmail(str(error)) from error
    if find_user(email) is not None:
        raise EmailTaken(f"{email} has an account already.")


def add_user(email: str, password_hash: str) -> User:
    user = User(email=normalize_email(email), password_hash=password_hash)
    db.session.add(user)
    return user


def disable_user(user: User) -> None:
    """Void all logins of a user and reject new ones. The data stays. Raises AccountRequired."""
    account_closing.send(user)
    user.disabled_at = now()
    account_closed.send(user)


def enable_user(user: User) -> None:
    user.disabled_at = None


def has_users() -> bool:
    """Return whether there is any account."""
    return bool(db.session.scalar(select(select(User.id).exists())))
