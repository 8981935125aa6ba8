"""The signed-in user of a request. The only module that uses Flask-Login."""

from typing import NamedTuple, cast

from blinker import Namespace
from flask import Flask, current_app, request
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_login import AnonymousUserMixin
from flask_login import LoginManager as FlaskLogin
from werkzeug.local import LocalProxy

from app.application import Application
from app.clock import now
from app.crypto.tokens import make_token
from app.database import db
from app.sessions.authenticate import (
    TOKEN,
    USER_ID,
    EndReason,
    authenticate_request,
    resolve_token,
    start_session,
)
from app.sessions.cookies import (
    clear_session,
    delete_remember_cookie,
    remembered_token,
    renew_session_id,
    set_remember_cookie,
)
from app.sessions.logins import begin_login, end_login_by_nonce, end_logins_by_tokens, idle_limit
from app.sessions.models import LoginSession
from app.sessions.request_globals import SessionGlobals, g
from app.sessions.rotation import next_token, replaced_values, rotated_values
from app.unit_of_work import rolled_back
from app.users.accounts import lock_user, lock_users
from app.users.models import User
from app.web.rate_limits import client_network

__all__ = [
    "current_login",
    "current_user",
    "get_current_user",
    "lock_current_login",
    "renew_token",
    "replace_token",
    "sign_in",
    "sign_out",
    "token_replaced",
    "user_or_network",
]

# Sent with a login whose token was replaced because a credential changed: copies of its cookies
# are invalid from then on, and other parts end in the same unit of work what they started.
token_replaced = Namespace().signal("token-replaced")


class LoginManager(FlaskLogin):
    """Flask-Login, used for `current_user` and its two responses (app/auth/responses.py)."""

    def init_app(self, app: Flask, add_context_processor: bool = True) -> None:
        """Do not add Flask-Login's `after_request` function: it reads every visitor's session."""
        app.login_manager = app.extensions["login_manager"] = self  # type: ignore[attr-defined]  # Flask-Login's API
        app.jinja_env.globals["current_user"] = current_user

    def set_user(self, user: User | None) -> None:
        """Set the user for the rest of the request; None for a visitor."""
        self._update_request_context_with_user(user)

    def _load_user(self) -> None:
        """Load the user by the row. Flask-Login would trust its cookies, and hash the browser."""
        self.set_user(load_user())


manager = LoginManager()
manager.anonymous_user = AnonymousUserMixin


class Identity(NamedTuple):
    """The user and the login of a request, by id, and the token.

    `unit_of_work()` has a database session of its own. An object of the request's session that
    was changed there would not be saved, so each unit loads its own rows (INHERITED in
    app/sessions/request_globals.py).
    """

    user_id: int
    login_id: int
    token: str


def get_current_user() -> User:
    """Return the object behind `current_user`, for calls that do not accept a proxy."""
    names = g.itself
    if "_login_user" not in names:
        manager._load_user()
    user: User = names._login_user
    return user


# For visitors, jobs and commands, `is_authenticated` is False, and no attribute of User exists.
current_user = cast(User, LocalProxy(get_current_user))


def init_app(app: Application) -> None:
    manager.init_app(app)
    app.declare_globals(SessionGlobals)
    app.add_template_global(login_end)
    app.register_error_handler(LoginEnded, respond_to_ended_login)
    rolled_back.connect(clear_user, app)


def current_login() -> LoginSession | None:
    """Return the login session of the signed-in user, or None for a visitor."""
    if not get_current_user().is_authenticated:
        return None
    names = g.itself
    if names.login_session is None:
        names.login_session = load_login_by_identity()
    login: LoginSession | None = names.login_session
    return login


def load_user() -> User | None:
    """Return the user of this request, and read its cookies at most once.

    They are read and rotated in the request's own context, while the response can still carry
    them. A unit of its own loads the same user by id, so that a change made there is saved there.
    Without a request, and on a page that has looked up no user by then, there is no user.
    """
    names = g.itself
    if names.cookie_session is not None and (names.unit is None or not names.unit.ended):
        user = authenticate_request()
        identity = identity_of(user, names.login_session) if user else None
        names.identity = names.authenticated_identity = identity
        return user
    return load_user_by_identity()


def identity_of(user: User, login: LoginSession) -> Identity:
    return Identity(user.id, login.id, user.login_token)


def load_user_by_identity() -> User | None:
    identity: Identity | None = g.identity
    user = db.session.get(User, identity.user_id) if identity else None
    if user and identity:
        user.login_token = identity.token
    return user


def load_login_by_identity() -> LoginSession | None:
    identity: Identity | None = g.identity
    return db.session.get(LoginSession, identity.login_id) if identity else None


def user_or_network() -> str:
    """Return the key for `@rate_limit(…, by=…)`: the user, or the network of a visitor."""
    return f"user {current_user.id}" if current_user.is_authenticated else client_network()


class LoginEnded(Exception):
    """The login of this request ended while the request waited for a lock."""


def lock_current_login(*others: User) -> User:
    """Lock the row of the signed-in user, re-read it and the login, and return the user.

    An action of staff on `others` locks their rows too.

    Every action on an account begins with this, so that a request which waited while the owner
    ended this login, changed a credential or disabled the account does nothing. The rows loaded
    before the lock do not tell. Slow work (hashing) comes before it. Raises LoginEnded, which is
    handled by asking for a sign-in.
    """
    user, token = get_current_user(), current_user.login_token
    lock_users(user, *others) if others else lock_user(user)
    found = resolve_token(token, refresh=True)
    if isinstance(found, EndReason):
        raise LoginEnded(found.value)
    return found.user


def respond_to_ended_login(error: LoginEnded) -> ResponseReturnValue:
    """Ask for a sign-in. The changes of the request are rolled back by then."""
    current_user.is_authenticated  # noqa: B018  # looks up why the login ended
    response: ResponseReturnValue = manager.unauthorized()
    return response


class LoginEnd(NamedTuple):
    """When this login ends if it is not used again, and whether using it can delay that."""

    seconds: int
    can_be_extended: bool


def login_end() -> LoginEnd | None:
    """Return when this login ends, or None for a visitor."""
    login = current_login()
    if login is None:
        return None
    seen_at = g.login_seen_at or login.last_seen_at
    idle_end = seen_at + idle_limit(remembered=login.remembered)
    ends_at = min(login.expires_at, idle_end)
    return LoginEnd(int((ends_at - now()).total_seconds()), idle_end < login.expires_at)


def sign_in(user: User, *, remembered: bool) -> bool:
    """Sign a user in on this device, in an empty cookie session and with a new token.

    Nothing of the visitor's session remains (session fixation, ASVS 5.0 7.2.4). Returns False if
    the same form was submitted before, which replaces that login. The caller requests the commit.
    """
    sign_in_nonce = cookie.get("csrf_token")
    is_new = not end_login_by_nonce(user, sign_in_nonce)
    end_logins_by_tokens([cookie.get(TOKEN), remembered_token()])
    login, token = begin_login(
        user,
        user_agent=request.user_agent.string,
        address=request.remote_addr or "",
        remembered=remembered,
        sign_in_nonce=sign_in_nonce,
    )
    start_session(user, token)
    manager.set_user(user)
    g.login_session, g.login_seen_at, g.user_id = login, login.last_seen_at, user.id
    g.identity = identity_of(user, login)
    if remembered:
        set_remember_cookie(token, login.expires_at)
    else:
        delete_remember_cookie()
    return is_new


def renew_token() -> None:
    """Rotate the token of this login after a reauthentication (ASVS 5.0 7.2.4).

    The caller requests the commit.
    """
    login, token = current_login(), current_user.login_token
    if login is None:
        return
    fresh = next_token(login, token)
    for name, value in rotated_values(token, fresh).items():
        setattr(login, name, value)
    _send_token(login, fresh)


def replace_token() -> None:
    """Give this login a new token, and end the previous one immediately.

    For a change of a credential: a copy of the cookies made before it is void afterwards (ASVS 5.0
    7.4.3). Unlike renew_token() there is no grace period. The caller requests the commit.
    """
    login = current_login()
    if login is None:
        return
    fresh = make_token()
    for name, value in replaced_values(fresh).items():
        setattr(login, name, value)
    _send_token(login, fresh)
    token_replaced.send(login)


def _send_token(login: LoginSession, token: str) -> None:
    """Store the token in both cookies of this browser, under a new session id."""
    cookie[TOKEN] = current_user.login_token = token
    g.identity = identity_of(get_current_user(), login)
    renew_session_id()
    if login.remembered:
        set_remember_cookie(token, login.expires_at)


def sign_out() -> bool:
    """Delete the login of this device, which voids every copy of its cookies.

    `logout_user()` followed by `session.clear()` would leave a remembered user signed in. Returns
    whether a user was signed in.
    """
    was_signed_in = end_logins_by_tokens([cookie.get(TOKEN), remembered_token()])
    clear_session()
    delete_remember_cookie()
    clear_user(current_app)
    g.identity = None
    manager.set_user(None)
    return was_signed_in


def clear_ended_login() -> None:
    """Remove a login that has ended from the cookies, after the user was told why."""
    cookie.pop(TOKEN, None)
    cookie.pop(USER_ID, None)
    delete_remember_cookie()


def clear_user(app: Flask) -> None:
    """Look the user up again at the next access: a rollback may have undone a sign-in."""
    g.pop("_login_user", None)
    g.login_session = g.login_seen_at = g.user_id = None
    g.identity = g.authenticated_identity
