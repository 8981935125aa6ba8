"""Users with roles, and a site with pages of staff."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from app.application import Application
from app.database import db
from app.roles.granting import grant_role
from app.roles.models import RoleHeld
from app.roles.permissions import ADMIN
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.conftest import create_user, shared_app
from tests.roles.staff_pages import staff_pages

Give = Callable[..., User]


@pytest.fixture
def give(clean_database: str) -> Give:
    """Give a user a role as a command does: give(alice, "support")."""

    def grant(user: User, role: str, expires_at: datetime | None = None) -> User:
        with shared_app(clean_database).app_context(), unit_of_work():
            grant_role(None, db.session.get_one(User, user.id), role, expires_at=expires_at)
        return user

    return grant


@pytest.fixture
def hold(clean_database: str) -> Give:
    """Write a row that no rule allows: hold(alice, "unknown")."""

    def write(user: User, role: str, expires_at: datetime | None = None) -> User:
        with shared_app(clean_database).app_context(), unit_of_work():
            db.session.add(RoleHeld(user_id=user.id, role=role, expires_at=expires_at))
        return user

    return write


@pytest.fixture
def admin(clean_database: str, give: Give) -> User:
    return give(create_user(clean_database, "admin@example.com"), ADMIN)


@pytest.fixture
def site_with_staff(make_app: Callable[..., Application]) -> Application:
    return make_app(staff_pages())


@pytest.fixture
def roles_of(clean_database: str) -> Callable[[User], set[str]]:
    """Read the roles in the rows of a user."""

    def read(user: User) -> set[str]:
        with shared_app(clean_database).app_context():
            rows: Any = db.session.query(RoleHeld.role).filter_by(user_id=user.id)
            return {role for (role,) in rows}

    return read
