"""Who is signed in with this request. The only module that knows Flask-Login."""

from typing import cast

from flask import Flask, Response, current_app, g, request
from flask import session as cookie
from flask_login import AnonymousUserMixin, login_user
from flask_login import LoginManager as FlaskLogin
from flask_login import current_user as _current_user
from sqlalchemy.exc import OperationalError

from app.application import Application
from app.clock import now
from app.security import forget_csrf_token
from app.sessions.cookies import (
    forget_remembered,
    remember,
    remembered_token,
    renew_session_id,
    seen_session,
)
from app.sessions.limits import idle_limit, lifetime
from app.sessions.logins import begin_login, end_login_reused, end_logins_named
from app.sessions.lookup import Ending, Found, find, note_seen
from app.sessions.models import LoginSession
from app.sessions.rotation import is_due, rotate
from app.unit_of_work import reading, regardless, rolled_back
from app.users.models import User

__all__ = ["current_login", "current_user", "sign_in", "sign_out"]

# Flask-Login's proxy; a visitor has `is_authenticated` False and nothing else of a User.
current_user = cast(User, _current_user)


class LoginManager(FlaskLogin):
    def init_app(self, app: Flask, add_context_processor: bool = True) -> None:
        """Leave Flask-Login's own hook out: it touches the session of every visitor."""
        app.login_manager = app.extensions["login_manager"] = self  # type: ignore[attr-defined]
        app.context_processor(lambda: {"current_user": current_user})

    def _load_user(self) -> None:
        """Ask the row, where Flask-Login would believe its cookies and hash the browser's name."""
        self._update_request_context_with_user(load_by_cookies())


def init_app(app: Application) -> None:
    manager = LoginManager()
    manager.anonymous_user = AnonymousUserMixin
    manager.init_app(app)
    app.after_request(keep_private)
    app.add_template_global(login_ends_in)
    rolled_back.connect(forget_user, app)


def current_login() -> LoginSession | None:
    """Return the record behind the person signed in, or None for a visitor."""
    return g.get("login_session") if current_user.is_authenticated else None


def login_ends_in() -> int:
    """Return after how many seconds this login ends if nothing more is asked of it."""
    login = current_login()
    if login is None:
        return 0
    ends = login.ends_at(idle_limit(remembered=login.remembered))
    return int((ends - now()).total_seconds())


def sign_in(user: User, *, remembered: bool) -> None:
    """Sign somebody in on this device, in a clean cookie session and with a token of its own.

    Nothing the visitor had survives, neither what they gathered nor what was planted on them
    (session fixation, ASVS 5.0 7.2.4). The caller asks for the commit.
    """
    end_logins_named([cookie.get("_user_id"), remembered_token()])
    token = begin_login(
        user,
        user_agent=request.user_agent.string,
        address=request.remote_addr or "",
        remembered=remembered,
    )
    start_clean()
    user.login_token = token
    login_user(user)
    # Flask-Login's fingerprint of address and browser, and its freshness; the row knows better.
    cookie.pop("_id")
    cookie.pop("_fresh")
    if remembered:
        remember(token, lifetime(remembered=True))
    else:
        forget_remembered()


def sign_out() -> None:
    """Sign out on this device: the row is gone, and every copy of its cookies with it.

    `logout_user()` followed by `session.clear()` would leave a remembered person signed in.
    """
    end_logins_named([cookie.get("_user_id"), remembered_token()])
    start_clean()
    forget_remembered()
    forget_user(current_app)


def start_clean() -> None:
    """Empty the cookie session, under a new id where it has one, with new form tokens."""
    cookie.clear()
    renew_session_id()
    forget_csrf_token()


def load_by_cookies() -> User | None:
    """Return the person whom the cookies name; a remember cookie alone resumes their login."""
    g.login_ending = None
    token = seen_session().get("_user_id")
    if isinstance(token, str):
        found = find(token)
        if isinstance(found, Found):
            return accept(found, token)
        refuse(found, token)
    token = remembered_token()
    return resume(token) if token else None


def resume(token: str) -> User | None:
    """Go on with a remembered login, not freshly proved, and replace its token if that is due."""
    with reading():
        found = find(token)
    if not isinstance(found, Found):
        refuse(found, token)
        return None
    if not found.login.remembered:
        return None
    if is_due(found.login, token):
        token = rotate_if_possible(found, token)
    return accept(found, token)


def rotate_if_possible(found: Found, token: str) -> str:
    """Return the new token, or the old one where another request or the database was in the way.

    The old token stays good until a new one is seen, so that rotating can wait for better times.
    """
    try:
        fresh = rotate(found.login, token)
    except OperationalError:
        current_app.logger.warning("a remembered login was resumed without a new token")
        return token
    if fresh is None:
        return token
    cookie["_user_id"] = found.user.login_token = fresh
    remember(fresh, found.login.expires_at - now())
    return fresh


def accept(found: Found, token: str) -> User:
    g.login_session = found.login
    g.login_ending = None
    if not is_polling():
        note_seen(found.login, token)
    return found.user


def refuse(ending: Ending, token: str) -> None:
    """Remember why, to say so; a token used after its time ends the login for everybody."""
    g.login_ending = ending
    if ending is Ending.REUSED:
        regardless(end_login_reused, token)


def is_polling() -> bool:
    """Return whether a script asks on its own, which does not mean that anybody is there."""
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "is_polling", False)


def keep_private(response: Response) -> Response:
    """Have no cache keep a signed-in page, so that Back shows nothing after signing out."""
    if "login_session" in g:
        response.headers["Cache-Control"] = "no-store"
    return response


def forget_user(app: Flask) -> None:
    """Have the person looked up again: a rollback may have undone who they were to become."""
    g.pop("_login_user", None)
    g.pop("login_session", None)
