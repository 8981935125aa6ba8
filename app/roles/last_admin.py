"""Keep one admin: neither a revocation nor closing an account removes the last one.

An admin counts if the account is usable and the role does not end by itself.
"""

from flask_babel import gettext as _
from sqlalchemy import exists, select

from app.application import Application
from app.database import db
from app.roles.models import RoleHeld
from app.roles.permissions import ADMIN
from app.users.accounts import USABLE, AccountRequired, account_closing
from app.users.models import User

IS_ADMIN = (RoleHeld.role == ADMIN) & RoleHeld.expires_at.is_(None)


class LastAdmin(AccountRequired):
    """This user is the last admin."""


def init_app(app: Application) -> None:
    account_closing.connect(require_another_admin)


def require_another_admin(user: User) -> None:
    """Raise LastAdmin if this user is an admin and there is no other.

    The rows of all admins are locked until the unit of work ends. So of two units that remove the
    last two admins at once, the second waits and then finds one. The caller has locked the user.
    """
    if not db.session.scalar(select(exists().where(IS_ADMIN, RoleHeld.user_id == user.id))):
        return
    admins = select(RoleHeld.user_id).where(IS_ADMIN).order_by(RoleHeld.user_id)
    db.session.execute(admins.with_for_update())
    other = exists().where(IS_ADMIN, RoleHeld.user_id == User.id, User.id != user.id, USABLE)
    if not db.session.scalar(select(other)):
        raise LastAdmin(_("This is the last admin. Make another user an admin first."))
