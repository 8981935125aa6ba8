"""What staff may do, and the roles that allow it."""

from enum import StrEnum

# Has every permission, also those that other parts add.
ADMIN = "admin"


class Permission(StrEnum):
    SEE_PEOPLE = "people.see"
    SEE_EVENTS = "events.see"
    END_LOGINS = "logins.end"
    SEND_RESET = "reset.send"
    RESET_FACTORS = "factors.reset"
    DISABLE_PEOPLE = "people.disable"
    GRANT_ROLES = "roles.grant"
    # See jobs, emails and schedules, and run them again.
    OPERATE = "site.operate"


ROLES = {
    ADMIN: {*Permission},
    "support": {Permission.SEE_PEOPLE, Permission.END_LOGINS, Permission.SEND_RESET},
    "auditor": {Permission.SEE_PEOPLE, Permission.SEE_EVENTS},
}
