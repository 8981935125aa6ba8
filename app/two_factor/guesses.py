"""Tell the owner when somebody who has their password guesses at the second step."""

from datetime import timedelta

from sqlalchemy import func, select

from app.audit.actions import Action
from app.audit.models import SecurityEvent
from app.audit.trail import record_regardless
from app.clock import now
from app.database import db
from app.users.models import User

# Whoever mistypes a code this often has looked at the phone again by then.
MANY = 5
WITHIN = timedelta(days=1)


def warn_of_guesses(user: User) -> None:
    """Mail the owner at the fifth wrong code of a day; a mail for each would hide the one that
    matters (ASVS 5.0 6.3.5).
    """
    failed = select(func.count()).where(
        SecurityEvent.user_id == user.id,
        SecurityEvent.action == Action.SECOND_FACTOR_FAILED,
        SecurityEvent.at > now() - WITHIN,
    )
    # The one that was made just now is written when this unit has ended.
    if db.session.scalar(failed) == MANY - 1:
        record_regardless(Action.SECOND_FACTOR_GUESSED, user.id)
