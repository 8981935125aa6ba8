"""The settings of the replica; config.py reads them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from config import SettingRefused, psycopg_url


class Settings:
    # A streaming replica that GET requests read from, in the form of DATABASE_URL.
    DATABASE_REPLICA_URL: str = ""
    # How long a user reads from the primary after writing: longer than a replica needs to catch up
    # (one that is more than about a second behind is not used).
    PRIMARY_READS_LIFETIME: timedelta = timedelta(seconds=5)


def url_of_replica(config: Mapping[str, Any]) -> str:
    """Return the URL, or an empty text. Raises SettingRefused unless both are PostgreSQL."""
    url = psycopg_url(config["DATABASE_REPLICA_URL"])
    if url and not all(it.startswith("postgresql") for it in (url, config["DATABASE_URL"])):
        raise SettingRefused(
            "DATABASE_REPLICA_URL needs PostgreSQL for both databases. Write "
            "postgresql://user:password@host/name in both settings, or remove it."
        )
    return url
