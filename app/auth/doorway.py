"""Let somebody in and out, with what they may take along."""

from flask import flash
from flask_babel import gettext as _
from sqlalchemy import bindparam, exists, select

from app.audit.actions import Action
from app.audit.trail import record
from app.auth.known_devices import add_device, has_signed_in_before, keep_known_device
from app.database import db
from app.preferences.choices import (
    merge_visitor_preferences,
    non_identifying_preferences,
    save_for_visitor,
    visitors_choices,
)
from app.preferences.models import Preferences
from app.sessions.current import current_user, sign_in, sign_out
from app.users.deletions import Deletion, take_back_deletion
from app.users.models import User

# What somebody finds again who comes in: their preferences, and their wish to be deleted.
_LEFT = (
    select(Preferences, exists().where(Deletion.user_id == User.id))
    .select_from(User)
    .outerjoin(Preferences, Preferences.user_id == User.id)
    .where(User.id == bindparam("user_id"))
)


def enter(user: User, *, remembered: bool) -> None:
    """Sign in, take over what the visitor chose, and keep an account that was to be deleted."""
    chosen = visitors_choices()
    row, is_to_be_deleted = db.session.execute(_LEFT, {"user_id": user.id}).one()
    if sign_in(user, remembered=remembered):
        note_arrival(user)
    merge_visitor_preferences(user, chosen, row)
    if is_to_be_deleted and take_back_deletion(user):
        record(Action.ACCOUNT_RESTORED, user.id)
        flash(_("Your account is open again, and nothing was deleted."), "success")


def note_arrival(user: User) -> None:
    record(Action.LOGIN_SUCCEEDED, user.id)
    if not keep_known_device(user):
        record(Action.DEVICE_ADDED, user.id, first=not has_signed_in_before(user))
        add_device(user)


def leave() -> None:
    """Sign out, and leave in the browser only what tells nobody who was here."""
    user_id = current_user.id if current_user.is_authenticated else None
    harmless = non_identifying_preferences()
    if sign_out():
        record(Action.LOGIN_ENDED, user_id)
    save_for_visitor(harmless)
