"""Who is signed in with this request. The only module that knows Flask-Login."""

from typing import cast

from flask import Flask, Response, g, request
from flask import session as cookie
from flask_login import AnonymousUserMixin, login_user
from flask_login import LoginManager as FlaskLogin
from flask_login import current_user as _current_user
from sqlalchemy import bindparam, select

from app.application import Application
from app.database import db
from app.sessions.cookies import forget_remembered, remember, remembered_token, seen_session
from app.sessions.logins import begin_login, end_logins_named, idle_limit, lifetime
from app.sessions.models import LoginSession
from app.tokens import digest
from app.unit_of_work import rolled_back
from app.users.models import User

__all__ = ["current_login", "current_user", "sign_in", "sign_out"]

# Flask-Login's proxy; a visitor has `is_authenticated` False and nothing else of a User.
current_user = cast(User, _current_user)

# Row and person by one indexed query, built once.
_BY_TOKEN = (
    select(LoginSession, User)
    .join(User, User.id == LoginSession.user_id)
    .where(LoginSession.token_digest == bindparam("digest"), User.disabled_at.is_(None))
)


class LoginManager(FlaskLogin):
    def init_app(self, app: Flask, add_context_processor: bool = True) -> None:
        """Leave Flask-Login's own hook out: it touches the session of every visitor."""
        app.login_manager = self  # type: ignore[attr-defined]
        app.context_processor(lambda: {"current_user": current_user})

    def _load_user(self) -> None:
        """Ask the row, where Flask-Login would believe its cookies and hash the browser's name."""
        self._update_request_context_with_user(_load_by_cookies())


def init_app(app: Application) -> None:
    manager = LoginManager()
    manager.anonymous_user = AnonymousUserMixin
    manager.init_app(app)
    app.after_request(keep_private)
    rolled_back.connect(_forget_user, app)


def current_login() -> LoginSession | None:
    """Return the record behind the person signed in, or None for a visitor."""
    return g.get("login_session") if current_user.is_authenticated else None


def keep_private(response: Response) -> Response:
    """Have no cache keep a signed-in page, so that Back shows nothing after signing out."""
    if "login_session" in g:
        response.headers["Cache-Control"] = "no-store"
    return response


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
    cookie.clear()
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
    cookie.clear()
    forget_remembered()
    _forget_user(None)


def _load_by_cookies() -> User | None:
    token = seen_session().get("_user_id")
    if isinstance(token, str):
        user = _load(token)
        if user is not None:
            return user
    token = remembered_token()
    user = _load(token) if token else None
    if user is not None and g.login_session.remembered:
        cookie["_user_id"] = token
        return user
    return None


def _load(token: str) -> User | None:
    row = db.session.execute(_BY_TOKEN, {"digest": digest(token)}).one_or_none()
    if row is None:
        return None
    login, user = row._tuple()
    if login.has_ended(idle_limit(remembered=login.remembered)):
        return None
    g.login_session = login
    user.login_token = token
    return user


def _forget_user(app: Application | None) -> None:
    """Have the person looked up again: a rollback may have undone who they were to become."""
    g.pop("_login_user", None)
    g.pop("login_session", None)
