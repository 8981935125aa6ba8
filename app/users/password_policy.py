"""Requirements for new passwords (NIST SP 800-63B-4, 3.1.1.2; ASVS 5.0 6.2).

A minimum length, and nothing that is easy to guess. No rules about kinds of characters: they lead
to passwords that are hard to remember and easy to guess.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from flask import current_app
from flask_babel import gettext

from app.users.hashing import MAX_PASSWORD_LENGTH
from app.web.i18n import lazy_gettext as _

# How many characters must remain without guessable parts: the shortest password NIST accepts.
MIN_REMAINDER_LENGTH = 8
# Shorter names occur in many words by accident.
MIN_NAME_LENGTH = 4
# Sequences of digits, letters and keys, of which runs of four are guessable, also backwards.
SEQUENCES = (
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)
RUNS = frozenset(
    keys[start : start + 4]
    for sequence in SEQUENCES
    for keys in (sequence, sequence[::-1])
    for start in range(len(keys) - 3)
)
COMMON_PASSWORDS = Path(__file__).with_name("common_passwords.txt")

TOO_PERSONAL = _(
    "This password is too close to your email address or the name of this site. Use words that "
    "have nothing to do with either."
)
TOO_COMMON = _(
    "This password is too close to a common password, which is easy to guess. "
    "Use a few words that do not belong together."
)
TOO_REGULAR = _(
    "This password is mostly a pattern, which is easy to guess. "
    "Use a few words that do not belong together."
)


class PasswordRefused(ValueError):
    """The password is not accepted; the message says why, and how to choose a better one."""


def require_good_password(password: str, email: str) -> None:
    """Raise PasswordRefused for a password that is too short, too long or easy to guess.

    `email` is that of the account. ASVS 5.0 6.2.4 requires a check against the 3,000 most common
    passwords that are long enough. Leaks hardly contain that many long ones, so a common password
    is also rejected if a few characters are added.
    """
    _require_length(password)
    text = unicodedata.normalize("NFC", password).casefold()
    impersonal = _without(_names(email), text)
    uncommon = _without(_common_passwords(), impersonal)
    irregular = _without_patterns(uncommon)
    for rest, reason in (
        (impersonal, TOO_PERSONAL),
        (uncommon, TOO_COMMON),
        (irregular, TOO_REGULAR),
    ):
        if len(rest) < MIN_REMAINDER_LENGTH:
            raise PasswordRefused(str(reason))


def password_hint() -> str:
    """Return the hint beside the field for a new password."""
    hint: str = gettext(
        "Passwords need at least %(shortest)s characters. Use a password manager, or a few words "
        "that do not belong together.",
        shortest=min_password_length(),
    )
    return hint


def _require_length(password: str) -> None:
    if len(password) > MAX_PASSWORD_LENGTH:
        raise PasswordRefused(
            gettext("Use at most %(longest)s characters.", longest=MAX_PASSWORD_LENGTH)
        )
    length = len(unicodedata.normalize("NFC", password))
    if length < min_password_length():
        raise PasswordRefused(
            gettext(
                "Use at least %(shortest)s characters; this password has %(length)s. A few words "
                "in a row are easy to remember.",
                shortest=min_password_length(),
                length=length,
            )
        )


def min_password_length() -> int:
    minimum: int = current_app.config["PASSWORD_MIN_LENGTH"]
    return minimum


def _names(email: str) -> list[str]:
    """Return the email address and the name of the site, and their parts, as guessable words."""
    site = current_app.config["APP_NAME"]
    host = current_app.config["BASE_URL"].partition("://")[2]
    names = [email, email.partition("@")[0], site, host]
    words = re.split(r"[\W_]+", " ".join(names))
    return [name.casefold() for name in names + words if len(name) >= MIN_NAME_LENGTH]


@cache
def _common_passwords() -> tuple[str, ...]:
    """Return the common passwords, read from the file at the first call."""
    lines = COMMON_PASSWORDS.read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if not line.startswith("#"))


def _without(words: Iterable[str], text: str) -> str:
    """Return the text without these words; long words are removed before those they contain."""
    found = (word for word in words if word in text)
    for word in sorted(found, key=len, reverse=True):
        text = text.replace(word, "")
    return text


def _without_patterns(text: str) -> str:
    """Return the text with each repetition reduced to one, and without runs of SEQUENCES."""
    once = re.sub(r"(.+?)\1+", r"\1", text, flags=re.DOTALL)
    run = {at + step for at in range(len(once)) if once[at : at + 4] in RUNS for step in range(4)}
    return "".join(letter for at, letter in enumerate(once) if at not in run)
