"""Void what a login has asked for once it has ended: a change of address, a copy of data (S12).

Each of these is asked for by a login and takes effect later. Whoever holds a stolen login may have
asked for it, so it ends with what ends that login. A plain sign-out and a login that expires void
nothing: that is how the owner leaves.
"""

from sqlalchemy import ColumnElement, delete, or_

from app.accounts.models import CHANGE_EMAIL, Export, MailedLink
from app.application import Application
from app.audit.actions import Action
from app.audit.models import SecurityEvent
from app.audit.trail import recorded
from app.database import db
from app.sessions.logins import logins_ending

# After these everything is void, whichever login asked for it: the login that made the change goes
# on, and a copy of its cookies may have asked.
VOIDING = frozenset(
    {
        Action.ACCOUNT_DELETED,
        Action.ACCOUNT_DISABLED,
        Action.PASSWORD_CHANGED,
        Action.PASSWORD_REMOVED,
        Action.PASSWORD_RESET,
        Action.RECOVERY_CODES_REPLACED,
        Action.SECOND_FACTOR_ADDED,
        Action.SECOND_FACTOR_REMOVED,
        Action.SECOND_FACTORS_RESET,
    }
)


def init_app(app: Application) -> None:
    logins_ending.connect(void_for_ended_logins)
    recorded.connect(void_for_credential_change)


def void_for_ended_logins(user_id: int, *, only: int | None, but: int | None) -> None:
    """Void what these logins have asked for, in the unit that ends them."""
    for model in (MailedLink, Export):
        asked = [model.user_id == user_id]
        if only is not None:
            asked.append(model.login_id == only)
        if but is not None:
            asked.append(or_(model.login_id.is_(None), model.login_id != but))
        void(model, *asked)


def void_for_credential_change(event: SecurityEvent) -> None:
    """Void everything that is pending for an account whose credentials changed."""
    if event.action in VOIDING and event.user_id is not None:
        void(MailedLink, MailedLink.user_id == event.user_id)
        void(Export, Export.user_id == event.user_id)


def void(model: type[MailedLink] | type[Export], *asked: ColumnElement[bool]) -> None:
    if model is MailedLink:
        asked = (*asked, MailedLink.purpose == CHANGE_EMAIL)
    db.session.execute(delete(model).where(*asked))
