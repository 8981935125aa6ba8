"""The tokens in the links to unsubscribe: encrypted, and bound to a user and a topic.

They are not stored and do not expire: an old email can still be unsubscribed from. Encrypted
and not only signed, because a link is forwarded and logged, and must not reveal who it is about.
A token is valid as long as its key is SECRET_KEY or in SECRET_KEY_FALLBACKS.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode

from app.crypto.encryption import DecryptionFailed, decrypt, encrypt
from app.mail.topics import Topic, find_topic

PURPOSE = "unsubscribe"


def make_token(user_id: int, topic: Topic) -> str:
    encrypted = encrypt(f"{user_id} {topic.name}".encode(), about=PURPOSE)
    return urlsafe_b64encode(encrypted).rstrip(b"=").decode()


def read_token(token: str) -> tuple[int, Topic] | None:
    """Return the user's id and the topic, or None if the token or the topic is unknown."""
    try:
        encrypted = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        content, _ = decrypt(encrypted, about=PURPOSE)
    except (binascii.Error, ValueError, DecryptionFailed):
        return None
    user_id, _, name = content.decode().partition(" ")
    topic = find_topic(name)
    return None if topic is None else (int(user_id), topic)
