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
from app.database import Model, db
from app.sessions.logins import end_logins
from app.sessions.models import LoginSession
from app.tables import table_of
from app.two_factor.recovery_codes import drop_codes
from app.two_factor.trusted_devices import distrust_all
from app.users.models import User

KINDS = "second_factors"


@dataclass(frozen=True)
class Kind:
    """One kind of second factor: who has a row of it has set it up."""

    # What the record calls it: `second_factor.added` with `kind=name`.
    name: str
    # What keeps it, with its person's id as `user_id`.
    model: type[Model]
    # What the second step shows to who has it beside the field for a code: a template, included.
    template: str | None = None


def init_app(app: Application) -> None:
    app.extensions[KINDS] = []
    app.add_template_global(kinds_of, "second_factors_of")


def add_kind(app: Application, kind: Kind) -> None:
    app.extensions[KINDS].append(kind)


def kinds() -> list[Kind]:
    every: list[Kind] = current_app.extensions[KINDS]
    return every


def kinds_of(user: User) -> list[Kind]:
    """Return the kinds that a person has set up; one statement asks for all there are."""
    every = kinds()
    found = db.session.execute(_asking_for(*every), {"user_id": user.id}).one()
    return [kind for kind, is_set_up in zip(every, found, strict=True) if is_set_up]


def has_second_factor(user: User) -> bool:
    return bool(kinds_of(user))


def lock(user: User) -> None:
    """Have nobody sign this person in, or change their factors, until this unit has ended.

    Sign-in locks the same row, so none that was let in by the password alone outlives the first
    factor. Call it before looking at what there is.
    """
    db.session.refresh(user, with_for_update=True)


def note_added(user: User, login: LoginSession | None, kind: str) -> None:
    """Record a factor that was just set up, and end every login and trust that is older.

    The caller has locked the person, and asks for the commit.
    """
    end_logins(user, but=login)
    distrust_all(user)
    record(Action.SECOND_FACTOR_ADDED, user.id, kind=kind)


def note_removed(user: User, kind: str) -> None:
    """Record a factor that was just removed; with the last one its stand-ins go, too."""
    db.session.flush()
    distrust_all(user)
    if not has_second_factor(user):
        drop_codes(user)
    record(Action.SECOND_FACTOR_REMOVED, user.id, kind=kind)


def reset_factors(user: User) -> int:
    """Remove everything that a person could prove a second time, and end every login of theirs.

    For who has lost all of it; an operator has made sure of them by other means. Return how many
    logins ended.
    """
    lock(user)
    for table in [table_of(kind.model) for kind in kinds()]:
        db.session.execute(delete(table).where(table.c.user_id == user.id))
    drop_codes(user)
    distrust_all(user)
    record(Action.SECOND_FACTORS_RESET, user.id)
    return end_logins(user)


@cache
def _asking_for(*kinds: Kind) -> Select[Any]:
    """Return the statement that asks which of these a person has, made once for each site."""
    keys = [table_of(kind.model).c.user_id for kind in kinds]
    return select(*(exists().where(key == bindparam("user_id")) for key in keys))
