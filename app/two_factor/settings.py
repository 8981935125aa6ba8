"""The settings of two-factor authentication; config.py reads them."""

from datetime import timedelta


class Settings:
    # Require all users to set up a second factor at their next sign-in.
    REQUIRE_SECOND_FACTOR: bool = False
    # How long after the password the second factor is accepted: enough to fetch a phone.
    SECOND_STEP_LIFETIME: timedelta = timedelta(minutes=5)
    # How long a trusted device is not asked for the second factor.
    TRUSTED_DEVICE_LIFETIME: timedelta = timedelta(days=30)
