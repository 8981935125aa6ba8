"""The settings of the staff pages; config.py reads them."""

from datetime import timedelta
from typing import Any, ClassVar


class Settings:
    # Whether staff need a second factor. False is for development only.
    STAFF_SECOND_FACTOR: bool = True
    # How long the owner of an account can stop a reset of the second factors. Longer than a night,
    # because the email that offers it must be read in that time.
    FACTOR_RESET_DELAY: timedelta = timedelta(hours=24)

    RULES: ClassVar[dict[str, Any]] = {
        "FACTOR_RESET_DELAY": (
            lambda delay: delay >= timedelta(hours=1),
            "It must be at least 1h, so that the owner can stop it; the default is 24h.",
        ),
    }
