"""The kinds of second factor. A part that has one adds it in `init_app`; nobody else knows it.

A recovery code is none of them: it stands in for one that was lost, and switches nothing on.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import current_app
from sqlalchemy import Select, bindparam, delete, exists, select

from app.application import Application
from app.audit.actions import Action
from app.audit.trail import record
from app.database import Model, db, table_of
from app.sessions.current import current_login, replace_token
from app.sessions.logins import end_logins
from app.two_factor.recovery_codes import drop_codes
from app.two_factor.trusted_devices import revoke_all_trust
from app.users.accounts import lock_user
from app.users.models import User

FACTOR_KINDS = "second_factors"


@dataclass(frozen=True)
class FactorKind:
    """One kind of second factor: who has a row of it has set it up."""

    # What the record calls it: `second_factor.added` with `kind=name`.
    name: str
    # What keeps it, with its person's id as `user_id`.
    model: type[Model]
    # What the second step shows to who has it beside the field for a code: a template, included.
    template: str | None = None


def init_app(app: Application) -> None:
    app.extensions[FACTOR_KINDS] = []
    app.add_template_global(factor_kinds_of, "second_factors_of")


def add_factor_kind(app: Application, kind: FactorKind) -> None:
    app.extensions[FACTOR_KINDS].append(kind)


def factor_kinds() -> list[FactorKind]:
    every: list[FactorKind] = current_app.extensions[FACTOR_KINDS]
    return every


def factor_kinds_of(user: User) -> list[FactorKind]:
    """Return the kinds that a person has set up; one statement asks for all there are."""
    every = factor_kinds()
    found = db.session.execute(_asking_for(*every), {"user_id": user.id}).one()
    return [kind for kind, is_set_up in zip(every, found, strict=True) if is_set_up]


def has_second_factor(user: User) -> bool:
    return bool(factor_kinds_of(user))


def revoke_other_access(user: User) -> None:
    """End every other login and every trusted device, and replace the token of this login.

    For each change of a factor: a copy of this browser's cookies, and whatever other logins had
    begun, ends with it (ASVS 5.0 7.4.3). The caller has the user from lock_current_login(), and
    asks for the commit.
    """
    end_logins(user, but=current_login())
    revoke_all_trust(user)
    replace_token()


def note_added(user: User, kind: str) -> None:
    """Record a factor that was just set up, and revoke all older access.

    Sign-in locks the same row as lock_current_login(), so no login by the password alone outlives
    the first factor. The caller asks for the commit.
    """
    revoke_other_access(user)
    record(Action.SECOND_FACTOR_ADDED, user.id, kind=kind)


def note_removed(user: User, kind: str) -> None:
    """Record a factor that was just removed, and revoke all older access.

    With the last factor the recovery codes go, too. The caller asks for the commit.
    """
    db.session.flush()
    revoke_other_access(user)
    if not has_second_factor(user):
        drop_codes(user)
    record(Action.SECOND_FACTOR_REMOVED, user.id, kind=kind)


def reset_factors(user: User) -> int:
    """Remove everything that a person could prove a second time, and end every login of theirs.

    For who has lost all of it; an operator has made sure of them by other means. Return how many
    logins ended.
    """
    lock_user(user)
    for table in [table_of(kind.model) for kind in factor_kinds()]:
        db.session.execute(delete(table).where(table.c.user_id == user.id))
    drop_codes(user)
    revoke_all_trust(user)
    record(Action.SECOND_FACTORS_RESET, user.id)
    return end_logins(user)


@cache
def _asking_for(*factor_kinds: FactorKind) -> Select[Any]:
    """Return the statement that asks which of these a person has, made once for each site."""
    keys = [table_of(kind.model).c.user_id for kind in factor_kinds]
    return select(*(exists().where(key == bindparam("user_id")) for key in keys))
