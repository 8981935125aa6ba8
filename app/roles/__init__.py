"""Roles: which users may do what on the pages of staff (docs/roles.md).

A view names the permission that it requires: `@requires(Permission.SEE_PEOPLE)`. A role is a set
of permissions, and a row gives it to a user. A product adds its own table to `role_tables`.
"""

from app.application import Application
from app.audit.actions import action_kinds
from app.checks import connection_checks
from app.roles import actions, commands, last_admin, refusals
from app.roles.access import may, requires
from app.roles.held import check_roles
from app.roles.permissions import ROLES, Permission
from app.roles.tables import role_tables

__all__ = ["Permission", "requires"]


def init_app(app: Application) -> None:
    role_tables.add(app, ROLES)
    action_kinds.add(app, *actions.KINDS)
    app.add_template_global(may)
    connection_checks.add(app, check_roles)
    refusals.init_app(app)
    last_admin.init_app(app)
    commands.init_app(app)
