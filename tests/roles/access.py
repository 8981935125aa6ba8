"""The kinds of users that roles add to the access table (tests/framework/access_table.py)."""

from functools import partial

from app.application import Application
from app.database import db
from app.roles.models import RoleHeld
from app.roles.permissions import ADMIN
from app.roles.tables import known_roles
from app.unit_of_work import unit_of_work
from tests.client import Client
from tests.conftest import signed_in
from tests.framework.access_table import Kind, new_user


def open_with_role(app: Application, role: str) -> Client:
    """Sign in a new user with a role. There is another admin, so that this one is not the last."""
    user, other = new_user(app), new_user(app)
    with app.app_context(), unit_of_work():
        db.session.add(RoleHeld(user_id=user.id, role=role))
        db.session.add(RoleHeld(user_id=other.id, role=ADMIN))
    return signed_in(app, user)


def kinds(app: Application) -> list[Kind]:
    """Return one kind for each role, also for those of the product."""
    with app.app_context():
        roles = sorted(known_roles())
    return [Kind(role, partial(open_with_role, role=role), like="user") for role in roles]
