"""Keep what somebody chose: a visitor's in the cookie, a person's in their row.

A person's choices are carried in the cookie session for a minute, so that a page costs no query
for them and a change on another device still arrives soon.
"""

from datetime import timedelta

from flask import request
from flask import session as cookie

from app import expiring
from app.database import db
from app.preferences.declared import AS_THE_BROWSER_ASKS, PREFERENCES
from app.preferences.models import Preferences
from app.sessions.cookies import seen_session
from app.sessions.current import current_user
from app.users.models import User

CARRIED = "preferences"
CARRIED_FOR = timedelta(minutes=1)


def preference(name: str) -> str:
    """Return what holds for this request; never an error, never a query."""
    seen = seen_session()
    carried = expiring.get(CARRIED, seen)
    value = carried.get(name) if isinstance(carried, dict) else expiring.get(name, seen)
    return PREFERENCES[name].read(value)


def choose(name: str, value: str) -> bool:
    """Keep a choice; return whether it changed a row, so that the caller asks for the commit."""
    if not current_user.is_authenticated:
        _keep_for_visitor(name, value)
        return False
    row = _get_row(current_user)
    setattr(row, name, value)
    carry(row)
    return True


def visitors_choices() -> dict[str, str]:
    """Return what this visitor has chosen, by name."""
    values = {name: expiring.get(name, seen_session()) for name in PREFERENCES}
    return {name: PREFERENCES[name].read(value) for name, value in values.items() if value}


def adopt(user: User, chosen: dict[str, str]) -> None:
    """Take over what somebody chose as a visitor where their row has nothing, and carry it."""
    row = db.session.get(Preferences, user.id)
    if row is None and not chosen:
        row = Preferences(user_id=user.id)
    elif row is None:
        row = _get_row(user)
    for name, value in chosen.items():
        if getattr(row, name) is None:
            setattr(row, name, value)
    carry(row)


def carry(row: Preferences) -> None:
    expiring.put(CARRIED, row.chosen(), CARRIED_FOR)


def refresh() -> None:
    """Read a signed-in person's row again once what is carried is older than a minute."""
    seen = seen_session()
    if request.endpoint is None or "_user_id" not in seen:
        return
    if expiring.get(CARRIED, seen) is None and current_user.is_authenticated:
        carry(db.session.get(Preferences, current_user.id) or Preferences(user_id=current_user.id))


def keep_harmless() -> dict[str, str]:
    """Return the choices in force that may stay in the browser when the person signs out."""
    names = (name for name, declared in PREFERENCES.items() if declared.stays_at_sign_out)
    carried = expiring.get(CARRIED, seen_session()) or {}
    return {name: carried[name] for name in names if name in carried}


def keep_for_visitor(chosen: dict[str, str]) -> None:
    for name, value in chosen.items():
        _keep_for_visitor(name, value)


def _keep_for_visitor(name: str, value: str) -> None:
    expiring.put(name, value, PREFERENCES[name].lifetime)
    # Kept when the browser closes; a login is not, because signing in starts a clean session.
    cookie.permanent = True


def _get_row(user: User) -> Preferences:
    row = db.session.get(Preferences, user.id)
    if row is None:
        row = Preferences(user_id=user.id)
        db.session.add(row)
    return row


def locale_of(user: User) -> str | None:
    """Return the language somebody chose, or None; for mails, which are read later."""
    chosen = chosen_by(user, "locale")
    return None if chosen == AS_THE_BROWSER_ASKS else chosen


def chosen_by(user: User, name: str) -> str:
    """Return what holds for a person who need not be the one asking."""
    row = db.session.get(Preferences, user.id)
    return PREFERENCES[name].read(getattr(row, name) if row else None)
