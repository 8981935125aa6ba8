"""Read and store preferences: a visitor's in the cookie session, a signed-in user's in a row.

The row is cached in the cookie session for a minute, so that a page costs no query for it and a
change on another device still takes effect soon.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import request
from flask import session as cookie

from app import expiring
from app.database import db
from app.preferences.definitions import Preference, declared_preferences, get_preference
from app.preferences.models import Preferences
from app.sessions.cookies import seen_session
from app.sessions.current import current_user
from app.sessions.request_globals import g
from app.users.accounts import lock_user
from app.users.models import User

# A signed-in user's preferences, and whether they were read from the row recently enough.
CACHED = "preferences"
CACHE_IS_FRESH = "preferences_are_fresh"
CACHE_LIFETIME = timedelta(minutes=1)
# Preferences that remain in the browser after signing out. They are kept apart from a visitor's
# own, so that the next user to sign in does not inherit them.
KEPT_AFTER_SIGN_OUT = "kept_preferences"


def preference(name: str) -> str:
    """Return the value that applies to this request. Never raises, never runs a query.

    A cached value applies however old it is, so that an error page has the right theme too.
    """
    seen, declared = seen_session(), get_preference(name)
    if CACHED in seen:
        return declared.read(_mapping(seen.get(CACHED)).get(name))
    return declared.default if declared.signed_in_only else declared.read(_visitors(name, seen))


def offered_preferences() -> list[Preference]:
    """Return the preferences that the user, or a visitor, can choose."""
    return [
        declared
        for declared in declared_preferences.items()
        if current_user.is_authenticated or not declared.signed_in_only
    ]


def choose(name: str, value: str) -> bool:
    """Store a choice; return whether a row was changed, so that the caller requests the commit.

    The caller has locked the user.
    """
    if not current_user.is_authenticated:
        expiring.put(name, value, get_preference(name).lifetime)
        _make_persistent()
        return False
    row = _get_row(current_user)
    row.set(name, value)
    cache_in_session(row)
    return True


def visitors_choices() -> dict[str, str]:
    """Return the visitor's choices that have not expired and are still valid, by name."""
    return {
        declared.name: value
        for declared in declared_preferences.items()
        if not declared.signed_in_only
        and declared.allows(value := expiring.get(declared.name, seen_session()))
    }


def merge_visitor_preferences(user: User, chosen: dict[str, str], row: Preferences | None) -> None:
    """Copy a visitor's choices to the user's row where it has none, and cache the row."""
    if row is None:
        row = _get_row(user) if chosen else Preferences(user_id=user.id)
    for name, value in chosen.items():
        if row.get(name) is None:
            row.set(name, value)
    cache_in_session(row)


def cache_in_session(row: Preferences) -> None:
    """Cache the row in the cookie session for CACHE_LIFETIME."""
    cookie[CACHED] = row.chosen()
    expiring.put(CACHE_IS_FRESH, True, CACHE_LIFETIME)


def refresh_cache() -> None:
    """Read a signed-in user's row again if the cache is older than CACHE_LIFETIME."""
    if request.endpoint is None or g.login_session is None:
        return
    if not expiring.get(CACHE_IS_FRESH, seen_session()):
        cache_in_session(_find_row(current_user))


def non_identifying_preferences() -> dict[str, str]:
    """Return the signed-in user's preferences that may remain in the browser after signing out."""
    cached = _mapping(seen_session().get(CACHED))
    return {
        declared.name: cached[declared.name]
        for declared in declared_preferences.items()
        if declared.non_identifying and declared.name in cached
    }


def save_for_visitor(kept: dict[str, str]) -> None:
    """Keep non-identifying preferences in the browser for the next visitor."""
    if kept:
        lifetime = min(get_preference(name).lifetime for name in kept)
        expiring.put(KEPT_AFTER_SIGN_OUT, kept, lifetime)
        _make_persistent()


def clear_cached_preferences() -> None:
    """Remove all but the non-identifying preferences, after a login has expired."""
    kept = non_identifying_preferences()
    cookie.pop(CACHED, None)
    cookie.pop(CACHE_IS_FRESH, None)
    save_for_visitor(kept)


def locale_of(user: User | None) -> str | None:
    """Return the language that the user chose, or None; for emails."""
    # part: languages
    chosen = chosen_by(user, "locale")
    if chosen != get_preference("locale").default:
        return chosen
    # end part: languages
    return None


def chosen_by(user: User | None, name: str) -> str:
    """Return the preference of a user other than the one signed in, or the default for None.

    Runs the same query for None, so that the response time does not reveal whether an account
    exists.
    """
    row = db.session.get(Preferences, user.id if user else 0)
    return get_preference(name).read(row.get(name) if row else None)


def _visitors(name: str, seen: Mapping[str, Any]) -> object:
    own = expiring.get(name, seen)
    kept = _mapping(expiring.get(KEPT_AFTER_SIGN_OUT, seen))
    return own if own is not None else kept.get(name)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _make_persistent() -> None:
    """Keep the cookie when the browser closes. It holds no login: signing in starts a new one."""
    cookie.permanent = True


def _find_row(user: User) -> Preferences:
    return db.session.get(Preferences, user.id) or Preferences(user_id=user.id)


def _get_row(user: User) -> Preferences:
    """Return the user's row, created if needed under a lock: two requests create one row."""
    row = db.session.get(Preferences, user.id)
    if row is None:
        lock_user(user)
        row = _find_row(user)
        db.session.add(row)
    return row
