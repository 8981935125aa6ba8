"""The user and the login of a request, by id: each unit of work of the request loads its own rows.

`unit_of_work()` has a database session of its own. An object of the request's session changed in
it would be saved there or nowhere, so only the ids are handed on (INHERITED in app.unit_of_work).
"""

from typing import NamedTuple

from app.database import db
from app.sessions.models import LoginSession
from app.sessions.request_globals import g
from app.users.models import User


class Identity(NamedTuple):
    user_id: int
    login_id: int
    token: str


def identity_of(user: User, login: LoginSession) -> Identity:
    return Identity(user.id, login.id, user.login_token)


def find_user() -> User | None:
    """Return the user of the request in this database session, or None for a visitor."""
    identity: Identity | None = g.identity
    user = db.session.get(User, identity.user_id) if identity else None
    if user and identity:
        user.login_token = identity.token
    return user


def find_login() -> LoginSession | None:
    identity: Identity | None = g.identity
    return db.session.get(LoginSession, identity.login_id) if identity else None
