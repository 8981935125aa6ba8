"""Decide whether an optional email is written, and make its links to unsubscribe."""

from urllib.parse import quote

from flask import current_app
from limits import RateLimitItemPerDay

from app.mail.outbox import withheld
from app.mail.templates import absolute_url
from app.mail.topics import Subscription, Topic
from app.mail_topics.choices import is_wanted
from app.mail_topics.tokens import make_token
from app.users.accounts import find_user
from app.web.rate_limits import count_hit


class NotAUser(LookupError):
    """Optional email goes to users only: no other recipient could choose what to get."""


def find_subscription(recipient: str, topic: Topic) -> Subscription | None:
    """Return how to unsubscribe, or None if the user does not want the email. Raises NotAUser.

    At most OPTIONAL_MAIL_DAILY_LIMIT emails a day are written to one user.
    """
    user = find_user(recipient)
    if user is None:
        raise NotAUser(
            f"An email of the topic {topic.name!r} is for an address without an account. "
            "Send it to User.email, or without a topic."
        )
    if not is_wanted(user.id, topic) or is_daily_limit_reached(user.id, topic):
        return None
    return Subscription(user.id, unsubscribe_urls(user.id, topic))


def is_daily_limit_reached(user_id: int, topic: Topic) -> bool:
    """Return whether the user has had enough for today, and count this email."""
    per_day = RateLimitItemPerDay(current_app.config["OPTIONAL_MAIL_DAILY_LIMIT"])
    if not count_hit([per_day], "optional mail", str(user_id)):
        return False
    current_app.logger.warning(
        "an email was withheld (%s): OPTIONAL_MAIL_DAILY_LIMIT is reached", topic.name
    )
    withheld.send(topic.name)
    return True


def unsubscribe_urls(user_id: int, topic: Topic) -> list[str]:
    token = make_token(user_id, topic)
    urls = [absolute_url("mail_topics.unsubscribe", token=token)]
    address = current_app.config["UNSUBSCRIBE_ADDRESS"]
    if address:
        urls.append(f"mailto:{quote(address, safe='@')}?subject={token}")
    return urls
