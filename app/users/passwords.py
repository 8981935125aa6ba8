"""What a password has to be (NIST SP 800-63B-4, 3.1.1.2)."""

from flask import current_app
from flask_babel import gettext as _

LONGEST_PASSWORD = 128


class PasswordRefused(ValueError):
    """The password cannot be taken; the message says why and what would do."""


def require_good_password(password: str) -> None:
    """Raise PasswordRefused for one that is too short or too long. Any character will do."""
    shortest = current_app.config["PASSWORD_MIN_LENGTH"]
    if len(password) < shortest:
        raise PasswordRefused(
            _(
                "Use at least %(shortest)s characters; a few words in a row are easy to remember.",
                shortest=shortest,
            )
        )
    if len(password) > LONGEST_PASSWORD:
        raise PasswordRefused(_("Use at most %(longest)s characters.", longest=LONGEST_PASSWORD))
