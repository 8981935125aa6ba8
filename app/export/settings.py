"""The settings of the export; config.py reads them."""

from datetime import timedelta


class Settings:
    # How long an export of account data can be downloaded.
    EXPORT_LIFETIME: timedelta = timedelta(days=2)
