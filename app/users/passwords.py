"""What a password has to be (NIST SP 800-63B-4, 3.1.1.2; ASVS 5.0 6.2).

Long, and not what somebody would try first. No rules about kinds of characters: they make
passwords that are hard to remember and easy to guess.
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

# What has to be left once everything that anybody would try has been taken out. NIST accepts no
# password shorter than this.
LEAST_OF_ONES_OWN = 8
# A name shorter than this stands in many words by accident.
SHORTEST_NAME = 4
# The ways that counting, the alphabet and fingers on a keyboard go, taken in runs of four.
WAYS = (
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
)
RUNS = frozenset(
    way[start : start + 4]
    for forwards in WAYS
    for way in (forwards, forwards[::-1])
    for start in range(len(way) - 3)
)
COMMON_PASSWORDS = Path(__file__).with_name("common_passwords.txt")

TOO_PERSONAL = _(
    "This is little more than your address or the name of this site, which is what others try "
    "first. Use words that have nothing to do with either."
)
TOO_COMMON = _(
    "This is little more than one of the most common passwords, which is what others try first. "
    "Use a few words that nobody would expect together."
)
TOO_REGULAR = _(
    "This is little more than a pattern, and patterns are quickly tried. "
    "Use a few words that nobody would expect together."
)


class PasswordRefused(ValueError):
    """The password cannot be taken; the message says why and what would do."""


def require_good_password(password: str, email: str) -> None:
    """Raise PasswordRefused for one that is too short, too long or easy to guess.

    `email` is the address of whose password it is to be. ASVS 5.0 6.2.4 asks for the 3,000 most
    common passwords that are long enough; leaks hardly have that many so long, so a common one is
    refused together with whatever was added to make it longer.
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
        if len(rest) < LEAST_OF_ONES_OWN:
            raise PasswordRefused(str(reason))


def password_hint() -> str:
    """Return what to say beside the field for a new password, before anybody types."""
    hint: str = gettext(
        "Passwords need at least %(shortest)s characters. A few words that do not belong "
        "together are easy to remember; a password manager is easier still.",
        shortest=_shortest(),
    )
    return hint


def _require_length(password: str) -> None:
    if len(password) > MAX_PASSWORD_LENGTH:
        raise PasswordRefused(
            gettext("Use at most %(longest)s characters.", longest=MAX_PASSWORD_LENGTH)
        )
    length = len(unicodedata.normalize("NFC", password))
    if length < _shortest():
        raise PasswordRefused(
            gettext(
                "Use at least %(shortest)s characters; these are %(length)s. A few words in a "
                "row are easy to remember.",
                shortest=_shortest(),
                length=length,
            )
        )


def _shortest() -> int:
    shortest: int = current_app.config["PASSWORD_MIN_LENGTH"]
    return shortest


def _names(email: str) -> list[str]:
    """Return what everybody knows: the address and its parts, and what the site is called."""
    site = current_app.config["APP_NAME"]
    host = current_app.config["BASE_URL"].partition("://")[2]
    names = [email, email.partition("@")[0], site, host]
    words = re.split(r"[\W_]+", " ".join(names))
    return [name.casefold() for name in names + words if len(name) >= SHORTEST_NAME]


@cache
def _common_passwords() -> tuple[str, ...]:
    """Return the list; it is read when the first password is chosen, and kept."""
    lines = COMMON_PASSWORDS.read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if not line.startswith("#"))


def _without(words: Iterable[str], text: str) -> str:
    """Return the text with these words taken out, long ones before those that stand in them."""
    found = (word for word in words if word in text)
    for word in sorted(found, key=len, reverse=True):
        text = text.replace(word, "")
    return text


def _without_patterns(text: str) -> str:
    """Return the text with what repeats said once, and with runs left out."""
    once = re.sub(r"(.+?)\1+", r"\1", text, flags=re.DOTALL)
    run = {at + step for at in range(len(once)) if once[at : at + 4] in RUNS for step in range(4)}
    return "".join(letter for at, letter in enumerate(once) if at not in run)
