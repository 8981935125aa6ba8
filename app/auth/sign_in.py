"""Sign a user in and out: from a verified credential to the page that was requested.

Signing in and reauthentication (S5) take the same path, and both take the steps that parts add.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flask import flash
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import bindparam, exists, select

from app.application import ExtensionPoint
from app.audit.actions import Action
from app.audit.trail import record
from app.auth.known_devices import add_known_device, extend_known_device, has_signed_in_before
from app.auth.responses import continue_to
from app.clock import now
from app.database import db
from app.preferences.choices import (
    merge_visitor_preferences,
    non_identifying_preferences,
    save_for_visitor,
    visitors_choices,
)
from app.preferences.models import Preferences
from app.sessions.current import (
    current_login,
    current_user,
    lock_current_login,
    renew_token,
    sign_in,
    sign_out,
)
from app.unit_of_work import commit_later
from app.users.models import User
from app.users.scheduled_deletions import Deletion, cancel_deletion

# The preferences of a user, and whether the account is scheduled for deletion, in one query.
_RETURNING_USER = (
    select(Preferences, exists().where(Deletion.user_id == User.id))
    .select_from(User)
    .outerjoin(Preferences, Preferences.user_id == User.id)
    .where(User.id == bindparam("user_id"))
)


@dataclass(frozen=True)
class PendingSignIn:
    """A user whose first factor was verified, and what follows after the sign-in."""

    user: User
    # The local path to continue to.
    next_url: str
    # A form that the sign-in interrupted, as app/web/saved_form.py signs it.
    saved_form: str | None = None
    remembered: bool = False
    # Whether the user is signed in already and reauthenticates.
    is_reauthentication: bool = False


@dataclass(frozen=True)
class SignInStep:
    """A step after the first factor, which a part adds to `sign_in_steps`."""

    # Whether the password alone does not authenticate this user.
    is_required_for: Callable[[User], bool]
    # Return a response that asks for the rest, or None if nothing is missing.
    ask: Callable[[PendingSignIn], ResponseReturnValue | None]


sign_in_steps: ExtensionPoint[SignInStep] = ExtensionPoint("sign_in_steps")


def requires_more_than_password(user: User) -> bool:
    return any(step.is_required_for(user) for step in sign_in_steps.items())


def continue_sign_in(pending: PendingSignIn) -> ResponseReturnValue:
    """Ask for the next step after a verified password, or finish the sign-in."""
    commit_later()
    for step in sign_in_steps.items():
        response = step.ask(pending)
        if response is not None:
            return response
    return finish_sign_in(pending)


def finish_sign_in(pending: PendingSignIn) -> ResponseReturnValue:
    """Sign in, or record the reauthentication, and continue to the requested page.

    Every way to sign in ends here, after all factors were verified.
    """
    commit_later()
    if pending.is_reauthentication:
        record_reauthentication()
    else:
        complete_sign_in(pending.user, remembered=pending.remembered)
    return continue_to(pending.next_url, pending.saved_form)


def record_reauthentication() -> None:
    """Store the time of the reauthentication in this login, and renew its token.

    Raises LoginEnded if the login has ended meanwhile.
    """
    lock_current_login()
    login = current_login()
    if login is not None:
        login.authenticated_at = now()
        renew_token()


def complete_sign_in(user: User, *, remembered: bool) -> None:
    """Sign in, merge the visitor's preferences, and cancel a scheduled deletion."""
    chosen = visitors_choices()
    row, is_to_be_deleted = db.session.execute(_RETURNING_USER, {"user_id": user.id}).one()
    if sign_in(user, remembered=remembered):
        record_sign_in(user)
    merge_visitor_preferences(user, chosen, row)
    if is_to_be_deleted and cancel_deletion(user):
        record(Action.ACCOUNT_RESTORED, user.id)
        flash(_("Welcome back! Your account will not be deleted."), "success")


def record_sign_in(user: User) -> None:
    record(Action.LOGIN_SUCCEEDED, user.id)
    if not extend_known_device(user):
        record(Action.DEVICE_ADDED, user.id, first=not has_signed_in_before(user))
        add_known_device(user)


def complete_sign_out() -> None:
    """Sign out, and keep only non-identifying preferences in the browser."""
    user_id = current_user.id if current_user.is_authenticated else None
    preferences = non_identifying_preferences()
    if sign_out():
        record(Action.LOGIN_ENDED, user_id)
    save_for_visitor(preferences)
