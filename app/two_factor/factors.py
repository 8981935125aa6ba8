"""The kinds of second factor, and what every change of a factor does.

A recovery code is not a kind: it replaces a lost factor, and does not turn the second step on.
"""

from dataclasses import dataclass
from functools import cache

from blinker import Namespace
from sqlalchemy import Executable, bindparam, delete, exists, select

from app.application import Application, ExtensionPoint
from app.audit.trail import Detail, record
from app.database import Model, db, table_of
from app.sessions.current import current_login, replace_token
from app.sessions.logins import end_logins
from app.two_factor.actions import SECOND_FACTOR_ADDED, SECOND_FACTOR_REMOVED, SECOND_FACTORS_RESET
from app.two_factor.recovery_codes import delete_codes
from app.two_factor.trusted_devices import revoke_all_trust
from app.users.accounts import lock_user
from app.users.models import User


@dataclass(frozen=True)
class FactorKind:
    """A kind of second factor, which a user has set up if `model` has a row of theirs."""

    # The name in the audit trail: `second_factor.added` with `kind=name`.
    name: str
    # Has the column `user_id`.
    model: type[Model]
    # A template that the page of the second step includes above the field for a code.
    template: str | None = None


factor_kinds: ExtensionPoint[FactorKind] = ExtensionPoint("factor_kinds")
# Sent with a user, in the unit of work that adds or removes a second factor.
second_factors_changed = Namespace().signal("second-factors-changed")


def init_app(app: Application) -> None:
    app.add_template_filter(factor_kinds_of, "second_factors")


def factor_kinds_of(user: User) -> list[FactorKind]:
    """Return the kinds that a user has set up, in one query."""
    every = factor_kinds.items()
    found = db.session.execute(_query_for(*every), {"user_id": user.id}).one()
    return [kind for kind, is_set_up in zip(every, found, strict=True) if is_set_up]


def has_second_factor(user: User) -> bool:
    return bool(factor_kinds_of(user))


def revoke_other_access(user: User) -> None:
    """End every other login and every trusted device, and replace the token of this login.

    Each change of a factor requires it: a copy of this browser's cookies, and anything that other
    logins had begun, ends with it (ASVS 5.0 7.4.3). The caller has the user from
    lock_current_login(), and requests the commit.
    """
    end_logins(user, but=current_login())
    revoke_all_trust(user.id)
    replace_token()


def record_factor_added(user: User, kind: str) -> None:
    """Record a factor that was just set up, and revoke all older access.

    A sign-in locks the same row as lock_current_login(), so no login by the password alone
    outlives the first factor. The caller requests the commit.
    """
    revoke_other_access(user)
    record(SECOND_FACTOR_ADDED, user.id, kind=kind)
    second_factors_changed.send(user)


def record_factor_removed(user: User, kind: str) -> None:
    """Record a factor that was just removed, and revoke all older access.

    With the last factor, the recovery codes are deleted, too. The caller requests the commit.
    """
    db.session.flush()
    revoke_other_access(user)
    if not has_second_factor(user):
        delete_codes(user)
    record(SECOND_FACTOR_REMOVED, user.id, kind=kind)
    second_factors_changed.send(user)


def reset_factors(user: User, **details: Detail) -> int:
    """Remove all factors, recovery codes and trusted devices of a user, and end all logins.

    For a user who has lost all factors and whose identity the operator has verified. `details` are
    recorded with the event. Return the number of logins that ended.
    """
    lock_user(user)
    for table in [table_of(kind.model) for kind in factor_kinds.items()]:
        db.session.execute(delete(table).where(table.c.user_id == user.id))
    delete_codes(user)
    revoke_all_trust(user.id)
    record(SECOND_FACTORS_RESET, user.id, **details)
    second_factors_changed.send(user)
    return end_logins(user)


@cache
def _query_for(*kinds: FactorKind) -> Executable:
    """Return the query for the kinds that a user has, built once for each set of kinds."""
    keys = [table_of(kind.model).c.user_id for kind in kinds]
    return select(*(exists().where(key == bindparam("user_id")) for key in keys))
