"""Recognize whoever comes with a request by the cookies they bring."""

from flask import current_app, request
from flask import session as cookie
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.attributes import set_committed_value

from app.crypto.tokens import digest
from app.sessions.cookies import (
    remember,
    remembered_token,
    seen_session,
    start_clean,
)
from app.sessions.logins import end_login_reused
from app.sessions.lookup import EndReason, ResolvedLogin, record_use, resolve_token
from app.sessions.models import LoginSession
from app.sessions.request_globals import g
from app.sessions.rotation import next_token, rotate_token
from app.unit_of_work import reading, regardless
from app.users.models import User

TOKEN = "_user_id"  # noqa: S105  # nosec B105  # where Flask-Login keeps it
USER_ID = "person"


def authenticate_request() -> User | None:
    """Return the person whom the cookies name; a remember cookie alone resumes their login.

    What was brought and is no longer good leaves its reason on `g`, for the doorway to say.
    """
    g.end_reason = None
    token = seen_session().get(TOKEN)
    if isinstance(token, str):
        found = resolve_token(token)
        if isinstance(found, ResolvedLogin):
            return use_login(found, renew_session_token(found, token), brought=token)
        g.end_reason = EndReason.UNKNOWN if found is EndReason.REUSED else found
    token = remembered_token()
    return resume_remembered_login(token) if token else None


def renew_session_token(found: ResolvedLogin, token: str) -> str:
    """Return the token in force; an answer that was overtaken may have brought back its former."""
    if found.login.token_digest != digest(token):
        cookie[TOKEN] = found.user.login_token = token = next_token(found.login, token)
    return token


def resume_remembered_login(token: str) -> User | None:
    """Go on with a remembered login, not freshly proved, in a clean session, with a new token."""
    with reading():
        found = resolve_token(token)
    if isinstance(found, EndReason) or not found.login.remembered:
        reject_token(found, token)
        return None
    fresh = rotate_if_possible(found, token)
    set_committed_value(found.login, "authenticated_at", None)
    start_session(found.user, fresh)
    # Tabs that are restored at once get an answer each; the cookie of the last must fit all forms.
    cookie["csrf_token"] = digest(f"forms of {fresh}").hex()
    remember(fresh, found.login.expires_at)
    return use_login(found, fresh, brought=token)


def start_session(user: User, token: str) -> None:
    """Begin a cookie session in which nothing is left of whoever was here before."""
    start_clean()
    cookie[TOKEN] = user.login_token = token
    cookie[USER_ID] = user.id


def rotate_if_possible(found: ResolvedLogin, token: str) -> str:
    """Return the new token, or the old one, which stays good, where the database is in the way."""
    try:
        return rotate_token(found.login, token)
    except (OperationalError, PoolTimeout):
        current_app.logger.warning("a remembered login was resumed without a new token")
        return token


def use_login(found: ResolvedLogin, token: str, *, brought: str) -> User:
    """Take this login as the one of this request, and note that it is in use.

    `token` is the one in force, `brought` the one that the browser sent.
    """
    login = found.login
    g.login_session, g.user_id = login, login.user_id
    g.end_reason = None
    g.login_seen_at = login.last_seen_at
    is_behind = renew_remember_cookie(login, token)
    if not is_polling():
        has_arrived = brought == token and not is_behind
        g.login_seen_at = record_use(login, token, has_arrived=has_arrived)
    return found.user


def renew_remember_cookie(login: LoginSession, token: str) -> bool:
    """Send the token in force if the remember cookie holds the one before it; return whether.

    The cookies part where an answer that carried both is lost and only the session is renewed.
    Coming back with the former token after its grace period would look like theft.
    """
    held = remembered_token() if login.remembered else None
    is_behind = held not in {None, token} and digest(str(held)) == login.previous_digest
    if is_behind:
        remember(token, login.expires_at)
    return is_behind


def reject_token(found: ResolvedLogin | EndReason, token: str) -> None:
    """Keep the reason; a token that is used after its time ends the login for everybody."""
    if isinstance(found, EndReason):
        g.end_reason = g.end_reason or found
    if found is EndReason.REUSED:
        g.end_reason = found
        regardless(end_login_reused, token)


def is_polling() -> bool:
    """Return whether a script asks on its own, which does not mean that anybody is there."""
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "is_polling", False)
