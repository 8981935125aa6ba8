"""Keep what somebody chose: a visitor's in the cookie, a person's in their row.

A person's choices are carried in the cookie session and read again after a minute, so that a page
costs no query for them and a change on another device still arrives soon.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import g, request
from flask import session as cookie

from app import expiring
from app.database import db
from app.preferences.declared import AS_THE_BROWSER_ASKS, PREFERENCES
from app.preferences.models import Preferences
from app.sessions.cookies import seen_session
from app.sessions.current import current_user
from app.users.models import User
from app.users.people import lock_user

# A person's choices, and whether they are read from the row recently enough.
CARRIED = "preferences"
CARRIED_IS_FRESH = "preferences_are_fresh"
CARRIED_FOR = timedelta(minutes=1)
# What a person left in this browser when they signed out. Whoever comes next did not choose it.
LEFT_BEHIND = "left_behind"


def preference(name: str) -> str:
    """Return what holds for this request; never an error, never a query.

    Carried choices count however old they are: an error page, too, has the theme of its reader.
    """
    seen = seen_session()
    value = _mapping(seen.get(CARRIED)).get(name) if CARRIED in seen else _visitors(name, seen)
    return PREFERENCES[name].read(value)


def choose(name: str, value: str) -> bool:
    """Keep a choice; return whether it changed a row, so that the caller asks for the commit."""
    if not current_user.is_authenticated:
        expiring.put(name, value, PREFERENCES[name].lifetime)
        _outlive_browser()
        return False
    row = _get_row(current_user)
    setattr(row, name, value)
    carry(row)
    return True


def visitors_choices() -> dict[str, str]:
    """Return what this visitor has chosen and may still choose, by name."""
    values = {name: expiring.get(name, seen_session()) for name in PREFERENCES}
    return {name: value for name, value in values.items() if PREFERENCES[name].allows(value)}


def adopt(user: User, chosen: dict[str, str], row: Preferences | None) -> None:
    """Take over what somebody chose as a visitor where their `row` has nothing, and carry it."""
    if row is None:
        row = _get_row(user) if chosen else Preferences(user_id=user.id)
    for name, value in chosen.items():
        if getattr(row, name) is None:
            setattr(row, name, value)
    carry(row)


def carry(row: Preferences) -> None:
    """Have the pages of this browser follow the row for the next minute."""
    cookie[CARRIED] = row.chosen()
    expiring.put(CARRIED_IS_FRESH, True, CARRIED_FOR)


def refresh() -> None:
    """Read a signed-in person's row again once what is carried is older than a minute."""
    if request.endpoint is None or "login_session" not in g:
        return
    if not expiring.get(CARRIED_IS_FRESH, seen_session()):
        carry(_find_row(current_user))


def keep_harmless() -> dict[str, str]:
    """Return the choices in force that may stay in the browser when the person signs out."""
    carried = _mapping(seen_session().get(CARRIED))
    return {
        name: carried[name]
        for name, declared in PREFERENCES.items()
        if declared.stays_at_sign_out and name in carried
    }


def keep_for_visitor(harmless: dict[str, str]) -> None:
    """Leave these in the browser, for nobody in particular."""
    if harmless:
        lifetime = min(PREFERENCES[name].lifetime for name in harmless)
        expiring.put(LEFT_BEHIND, harmless, lifetime)
        _outlive_browser()


def lay_down() -> None:
    """Leave only what is harmless of somebody whose login has ended by itself."""
    harmless = keep_harmless()
    cookie.pop(CARRIED, None)
    cookie.pop(CARRIED_IS_FRESH, None)
    keep_for_visitor(harmless)


def _visitors(name: str, seen: Mapping[str, Any]) -> object:
    own = expiring.get(name, seen)
    return own if own is not None else _mapping(expiring.get(LEFT_BEHIND, seen)).get(name)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _outlive_browser() -> None:
    """Keep the cookie when the browser closes. No login is: signing in starts a clean session."""
    cookie.permanent = True


def _find_row(user: User) -> Preferences:
    return db.session.get(Preferences, user.id) or Preferences(user_id=user.id)


def _get_row(user: User) -> Preferences:
    """Return the person's row, made if need be; two requests at once do not both make one."""
    row = db.session.get(Preferences, user.id)
    if row is None:
        lock_user(user)
        row = _find_row(user)
        db.session.add(row)
    return row


def locale_of(user: User | None) -> str | None:
    """Return the language somebody chose, or None; for mails, which are read later."""
    chosen = chosen_by(user, "locale")
    return None if chosen == AS_THE_BROWSER_ASKS else chosen


def chosen_by(user: User | None, name: str) -> str:
    """Return what holds for a person who need not be the one asking.

    For nobody the database is asked in vain, so that the time does not tell who has an account.
    """
    row = db.session.get(Preferences, user.id if user else 0)
    return PREFERENCES[name].read(getattr(row, name) if row else None)
