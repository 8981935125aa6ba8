"""The settings of optional email; config.py reads them."""

from typing import ClassVar

from config import Rules


class Settings:
    # Optional emails a day to one user, over all topics. Further ones are not sent: a mistake in a
    # product must not fill a mailbox.
    OPTIONAL_MAIL_DAILY_LIMIT: int = 5
    # The address that List-Unsubscribe offers beside the URL, for email programs that cannot
    # request one. A program must read this mailbox: `flask mail-topics unsubscribe TOKEN`.
    UNSUBSCRIBE_ADDRESS: str = ""

    RULES: ClassVar[Rules] = {
        "OPTIONAL_MAIL_DAILY_LIMIT": (
            lambda mails: mails >= 1,
            "It must be at least 1; the default is 5.",
        ),
        "UNSUBSCRIBE_ADDRESS": (
            lambda address: not address or ("@" in address and not set(address) & set("<>?, ")),
            "Write an address, such as unsubscribe@example.com.",
        ),
    }
