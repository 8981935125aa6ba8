"""The roles of all parts together."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from app.application import ExtensionPoint
from app.roles.permissions import ADMIN

# Tables like ROLES in permissions.py. A role that is in several has the permissions of all.
role_tables: ExtensionPoint[Mapping[str, AbstractSet[str]]] = ExtensionPoint("role_tables")


def known_roles() -> dict[str, frozenset[str]]:
    """Return the permissions of each role."""
    roles: dict[str, frozenset[str]] = {}
    for table in role_tables.items():
        for role, permissions in table.items():
            roles[role] = roles.get(role, frozenset()) | permissions
    return roles | {ADMIN: frozenset().union(*roles.values())}


def permissions_in(roles: list[str]) -> frozenset[str]:
    """Return the permissions of these roles together. An unknown role has none."""
    known = known_roles()
    return frozenset().union(*(known.get(role, frozenset()) for role in roles))


def require_known_permission(permission: str) -> None:
    """Raise LookupError for a permission that is in no table, such as a misspelled one."""
    if permission not in known_roles()[ADMIN]:
        raise LookupError(
            f"No role has the permission {permission!r}. Add it to the role {ADMIN!r} in a table "
            "of role_tables (docs/roles.md)."
        )
