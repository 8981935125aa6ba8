"""Staff, signed in, and the users on which they act."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.application import Application
from app.audit.models import SecurityEvent
from app.database import db
from app.roles.models import RoleHeld
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.client import Client
from tests.conftest import create_user, signed_in


@pytest.fixture
def staff(app: Application, clean_database: str) -> Callable[[str], User]:
    """Create a user with a role: staff("support")."""

    def create(role: str, name: str = "") -> User:
        user = create_user(clean_database, f"{name or role}@example.com")
        with app.app_context(), unit_of_work():
            db.session.add(RoleHeld(user_id=user.id, role=role))
        return user

    return create


@pytest.fixture
def as_admin(app: Application, staff: Callable[[str], User]) -> Client:
    return signed_in(app, staff("admin"))


@pytest.fixture
def as_support(app: Application, staff: Callable[[str], User]) -> Client:
    return signed_in(app, staff("support"))


@pytest.fixture
def events_of(app: Application) -> Callable[[User], list[SecurityEvent]]:
    """Read the security events of a user, oldest first."""

    def read(user: User) -> list[SecurityEvent]:
        with app.app_context():
            own = select(SecurityEvent).where(SecurityEvent.user_id == user.id)
            return list(db.session.scalars(own.order_by(SecurityEvent.id)))

    return read


def fields_of(browser: Client, user: User) -> dict[str, str]:
    """Return the hidden fields of the page of a user, as the actions on it send them."""
    inputs = browser.page(f"/staff/people/{user.id}").all("input")
    hidden = {it.get("name"): it.get("value") for it in inputs if it.get("type") == "hidden"}
    return {name: hidden[name] for name in ("csrf_token", "version")}


def act(browser: Client, user: User, action: str, **fields: str) -> TestResponse:
    """Open the page of a user, enter a reason and press a button: act(browser, bob, "disable")."""
    sent = {"reason": "They asked by phone.", **fields_of(browser, user), **fields}
    return browser.post(f"/staff/people/{user.id}/{action}", data=sent)
