"""Who is signed in with this request. The only module that knows Flask-Login."""

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
from app.sessions.authenticate import TOKEN, USER_ID, authenticate_request, start_session
from app.sessions.cookies import (
    forget_remembered,
    remember,
    remembered_token,
    renew_session_id,
    start_clean,
)
from app.sessions.identity import find_login, find_user, identity_of
from app.sessions.limits import idle_limit
from app.sessions.logins import begin_login, end_login_by_nonce, end_logins_named
from app.sessions.lookup import EndReason, resolve_token
from app.sessions.models import LoginSession
from app.sessions.request_globals import SessionGlobals, g
from app.sessions.rotation import next_token, replaced_values, rotated_values
from app.unit_of_work import open_unit, rolled_back
from app.users.accounts import lock_user
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
    """Flask-Login, asked for `current_user` and the two answers the doorway gives."""

    def init_app(self, app: Flask, add_context_processor: bool = True) -> None:
        """Leave Flask-Login's own hook out: it touches the session of every visitor."""
        app.login_manager = app.extensions["login_manager"] = self  # type: ignore[attr-defined]  # as theirs
        app.context_processor(lambda: {"current_user": current_user})

    def become(self, user: User | None) -> None:
        """Be this person, or nobody, for the rest of the request."""
        self._update_request_context_with_user(user)

    def _load_user(self) -> None:
        """Ask the row, where Flask-Login would believe its cookies and hash the browser's name."""
        self.become(load_user())


manager = LoginManager()
manager.anonymous_user = AnonymousUserMixin


def get_current_user() -> User:
    """Return the row behind `current_user`, for what a proxy cannot do: be locked, say."""
    if "_login_user" not in vars(g._get_current_object()):
        manager._load_user()
    user: User = g._login_user
    return user


# A visitor has `is_authenticated` False and nothing else of a User, and so have jobs and commands.
current_user = cast(User, LocalProxy(get_current_user))


def init_app(app: Application) -> None:
    manager.init_app(app)
    app.declare_globals(SessionGlobals)
    app.add_template_global(login_end)
    app.register_error_handler(LoginEnded, answer_ended_login)
    rolled_back.connect(clear_user, app)


def current_login() -> LoginSession | None:
    """Return the record behind the person signed in, or None for a visitor."""
    if not current_user.is_authenticated:
        return None
    if g.login_session is None:
        g.login_session = find_login()
    login: LoginSession | None = g.login_session
    return login


def load_user() -> User | None:
    """Return the user of this request, and read its cookies at most once.

    They are read and rotated in the request's own context, while the response can still carry
    them. A unit of its own loads the same user by id, so that a change made there is saved there.
    Without a request, and on a page that has looked nobody up by then, there is no user.
    """
    if g.cookie_session is not None and (g.unit is None or open_unit()):
        user = authenticate_request()
        g.identity = identity_of(user, g.login_session) if user else None
        g.authenticated_identity = g.identity
        return user
    return find_user()


def user_or_network() -> str:
    """Return whom to count for `@rate_limit(…, by=…)`: the user, or the network of a visitor."""
    return f"user {current_user.id}" if current_user.is_authenticated else client_network()


class LoginEnded(Exception):
    """The login of this request ended while the request waited for a lock."""


def lock_current_login() -> User:
    """Lock the row of the signed-in user, re-read it and the login, and return the user.

    Every action on an account begins with this, so that a request which waited while the owner
    ended this login, changed a credential or disabled the account does nothing. The rows loaded
    before the lock do not tell. Slow work (hashing) comes before it. Raises LoginEnded, answered
    with a request to sign in.
    """
    user, token = get_current_user(), current_user.login_token
    lock_user(user)
    found = resolve_token(token, refresh=True)
    if isinstance(found, EndReason):
        raise LoginEnded(found.value)
    return found.user


def answer_ended_login(error: LoginEnded) -> ResponseReturnValue:
    """Ask for a sign-in. What the request had changed is rolled back by then."""
    current_user.is_authenticated  # noqa: B018  # looks the login up again, and why it ended
    response: ResponseReturnValue = manager.unauthorized()
    return response


class LoginEnd(NamedTuple):
    """When this login ends if nothing more is asked of it, and whether a sign of life helps."""

    seconds: int
    can_be_moved: bool


def login_end() -> LoginEnd | None:
    """Return when this login ends, or None for a visitor. In its last stretch nothing moves it."""
    login = current_login()
    if login is None:
        return None
    seen_at = g.login_seen_at or login.last_seen_at
    idle_end = seen_at + idle_limit(remembered=login.remembered)
    ends_at = min(login.expires_at, idle_end)
    return LoginEnd(int((ends_at - now()).total_seconds()), idle_end < login.expires_at)


def sign_in(user: User, *, remembered: bool) -> bool:
    """Sign somebody in on this device, in a clean cookie session and with a token of its own.

    Nothing the visitor had survives, neither what they gathered nor what was planted on them
    (session fixation, ASVS 5.0 7.2.4). Return whether it is news: a form that was sent twice signs
    in once. The caller asks for the commit.
    """
    visit = cookie.get("csrf_token")
    is_news = not end_login_by_nonce(user, visit)
    end_logins_named([cookie.get(TOKEN), remembered_token()])
    login, token = begin_login(
        user,
        user_agent=request.user_agent.string,
        address=request.remote_addr or "",
        remembered=remembered,
        visit=visit,
    )
    start_session(user, token)
    manager.become(user)
    g.login_session, g.login_seen_at, g.user_id = login, login.last_seen_at, user.id
    g.identity = identity_of(user, login)
    if remembered:
        remember(token, login.expires_at)
    else:
        forget_remembered()
    return is_news


def renew_token() -> None:
    """Go on under a new token once somebody has proved who they are (ASVS 5.0 7.2.4).

    The caller asks for the commit.
    """
    login, token = current_login(), current_user.login_token
    if login is None:
        return
    fresh = next_token(login, token)
    for name, value in rotated_values(token, fresh).items():
        setattr(login, name, value)
    _send_token(login, fresh)


def replace_token() -> None:
    """Give this login a new token, and let the former one end at once.

    For a change of a credential: a copy of the cookies made before it is void afterwards (ASVS 5.0
    7.4.3). Unlike renew_token() there is no grace period. The caller asks for the commit.
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
    """Have both cookies of this browser carry the token, under a new session id."""
    cookie[TOKEN] = current_user.login_token = token
    g.identity = identity_of(get_current_user(), login)
    renew_session_id()
    if login.remembered:
        remember(token, login.expires_at)


def sign_out() -> bool:
    """Sign out on this device: the row is gone, and every copy of its cookies with it.

    `logout_user()` followed by `session.clear()` would leave a remembered person signed in.
    Return whether anybody was signed in until now.
    """
    was_in = end_logins_named([cookie.get(TOKEN), remembered_token()])
    start_clean()
    forget_remembered()
    clear_user(current_app)
    g.identity = None
    manager.become(None)
    return was_in


def clear_ended_login() -> None:
    """Let go of a login that has ended, once its person was told why."""
    cookie.pop(TOKEN, None)
    cookie.pop(USER_ID, None)
    forget_remembered()


def clear_user(app: Flask) -> None:
    """Have the person looked up again: a rollback may have undone who they were to become."""
    vars(g._get_current_object()).pop("_login_user", None)
    g.login_session = g.login_seen_at = g.user_id = None
    g.identity = g.authenticated_identity
