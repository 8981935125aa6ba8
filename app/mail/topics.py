"""Topics of optional email, and what the outbox asks the part that stores the users' choices.

An email with a topic is sent only to users who want it, and carries links to unsubscribe. Security
email has no topic and is always sent.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from app.application import Application, ExtensionPoint
from app.checks import Finding, error

NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


class TopicUnknown(LookupError):
    """The topic is not declared, or no part stores the users' choices."""


@dataclass(frozen=True)
class Topic:
    """A kind of optional email, which users can turn off."""

    # Stored with each choice, so it must not change: `weekly-summary`.
    name: str
    # Shown on /account/mail. Use lazy_gettext.
    title: str
    description: str = ""
    # Whether users get these emails only if they have chosen them.
    is_opt_in: bool = False

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(
                f"{self.name!r} is not a name of a topic. Use up to 40 lowercase letters, digits, "
                "- and _, such as weekly-summary."
            )


@dataclass(frozen=True)
class Subscription:
    """That a user is sent a topic, and the URLs that end it: https, and mailto if configured."""

    user_id: int
    unsubscribe_urls: list[str]


@dataclass(frozen=True)
class Subscriptions:
    """What the part that stores the choices can answer."""

    # The subscription of an address, or None if the email must not be sent. Counts the email.
    find: Callable[[str, Topic], Subscription | None]
    # Whether the user still wants it, asked when it is sent.
    is_wanted: Callable[[int, Topic], bool]


# Each part and product declares its topics in its init_app.
topics: ExtensionPoint[Topic] = ExtensionPoint("topics")
subscriptions: ExtensionPoint[Subscriptions] = ExtensionPoint("subscriptions")


def find_topic(name: str) -> Topic | None:
    return next((topic for topic in topics.items() if topic.name == name), None)


def find_subscription(recipient: str, topic: Topic) -> Subscription | None:
    """Return the subscription, or None if the email must not be sent. Raises TopicUnknown."""
    if topic not in topics.items():
        raise TopicUnknown(
            f"The topic {topic.name!r} is not declared. Add it in the init_app of its part: "
            "topics.add(app, TOPIC)."
        )
    stored = subscriptions.items()
    if not stored:
        raise TopicUnknown(
            "No part stores which topics users want, so optional email cannot be sent."
        )
    return stored[0].find(recipient, topic)


def is_still_wanted(user_id: int | None, topic: str) -> bool:
    """Return whether the user has not unsubscribed since the email was written."""
    declared, stored = find_topic(topic), subscriptions.items()
    if user_id is None or declared is None or not stored:
        return False
    return stored[0].is_wanted(user_id, declared)


def check_topics(app: Application) -> Iterator[Finding]:
    """Report topics that share a name: a choice about one would apply to the other."""
    for name, count in Counter(topic.name for topic in topics.items(app)).items():
        if count > 1:
            yield error(
                f"{count} topics of optional email are named {name!r}. Rename all but one."
            )
