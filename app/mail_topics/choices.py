"""Read and store which topics a user wants."""

from collections.abc import Collection

from sqlalchemy import select

from app.clock import now
from app.database import db
from app.mail.topics import Topic, topics
from app.mail_topics.models import MailChoice
from app.users.accounts import USABLE
from app.users.models import User


def is_wanted(user_id: int, topic: Topic) -> bool:
    """Return whether a user gets emails of this topic.

    No optional email is sent to an account that is disabled or scheduled for deletion.
    """
    chosen = (MailChoice.user_id == User.id) & (MailChoice.topic == topic.name)
    choice = select(User.id, MailChoice.is_wanted).outerjoin(MailChoice, chosen)
    row = db.session.execute(choice.where(User.id == user_id, USABLE)).one_or_none()
    if row is None:
        return False
    return not topic.is_opt_in if row.is_wanted is None else bool(row.is_wanted)


def wanted_topics(user: User) -> list[str]:
    """Return the names of the declared topics that a user gets."""
    rows = db.session.scalars(select(MailChoice).where(MailChoice.user_id == user.id))
    chosen = {row.topic: row.is_wanted for row in rows}
    return [topic.name for topic in topics.items() if chosen.get(topic.name, not topic.is_opt_in)]


def choose_topics(user: User, names: Collection[str]) -> None:
    """Store what the user has chosen of all declared topics. The caller has locked the user."""
    before = wanted_topics(user)
    for topic in topics.items():
        if (topic.name in names) != (topic.name in before):
            store_choice(user.id, topic, is_wanted=topic.name in names)


def unsubscribe(user_id: int, topic: Topic) -> None:
    """Turn a topic off. Does nothing if the account has been deleted since."""
    if db.session.get(User, user_id, with_for_update=True) is not None:
        store_choice(user_id, topic, is_wanted=False)


def store_choice(user_id: int, topic: Topic, *, is_wanted: bool) -> None:
    choice = MailChoice(user_id=user_id, topic=topic.name, is_wanted=is_wanted, chosen_at=now())
    db.session.merge(choice)
