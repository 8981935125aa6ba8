"""Settings, all of them, read from the environment.

Each has a type, a default and the reason for it. A setting that is missing, weak or misspelt stops
the start with one sentence that says which it is and how to mend it (ASVS 5.0 V13.1).
A duration is written `90`, `90s`, `15m`, `12h` or `30d`; a list is separated by commas.
"""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, get_type_hints

from click import ClickException

SHORTEST_SECRET = 32
UNITS = {"": "seconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


class SettingRefused(ClickException):
    """Say which setting stops the start, and how to mend it."""


class Config:
    # --- The site -------------------------------------------------------------------------------
    # The name people see on pages and in mails.
    APP_NAME: str = "Lockstep"
    # Where the site is reached from outside; links in mails start with it.
    BASE_URL: str = "http://127.0.0.1:5000"
    # Signs cookies and forms. Development makes its own and keeps it in instance/.
    SECRET_KEY: str = ""
    # Former secret keys, newest first: what they signed stays good while they are listed here.
    SECRET_KEY_FALLBACKS: tuple[str, ...] = ()
    # How much is logged: DEBUG, INFO, WARNING or ERROR.
    LOG_LEVEL: str = "INFO"

    # --- The database ---------------------------------------------------------------------------
    # SQLite in instance/ needs no server. PostgreSQL: postgresql://user:password@host/name
    DATABASE_URL: str = "sqlite:///lockstep.sqlite3"
    # Connections a process keeps open for reading, and as many again for writing.
    DATABASE_POOL_SIZE: int = 5
    # How long a request waits for a connection, or for SQLite's one writer, before it answers 503.
    DATABASE_TIMEOUT: timedelta = timedelta(seconds=5)

    # --- Redis ----------------------------------------------------------------------------------
    # redis://host:6379/0. Needed only for what says so.
    REDIS_URL: str = ""
    # Where flask.session is kept: "cookie", signed in the browser, or "redis", under a random id.
    SESSION_STORE: str = "cookie"

    # --- Requests -------------------------------------------------------------------------------
    # The largest body a request may have, in bytes. More is answered 413.
    MAX_CONTENT_LENGTH: int = 1024 * 1024

    # --- Passwords ------------------------------------------------------------------------------
    # NIST SP 800-63B-4 asks for 15 where a password stands alone, and never fewer than 8.
    PASSWORD_MIN_LENGTH: int = 15

    # --- Being signed in (NIST SP 800-63B-4, AAL2) ----------------------------------------------
    # A login ends when nobody used it for this long ...
    SESSION_IDLE_LIMIT: timedelta = timedelta(hours=1)
    # ... and after this long in any case.
    SESSION_LIFETIME: timedelta = timedelta(hours=24)
    # The same two for those who asked to be remembered.
    REMEMBERED_IDLE_LIMIT: timedelta = timedelta(days=14)
    REMEMBERED_LIFETIME: timedelta = timedelta(days=30)
    # What is dangerous asks for proof again when the last is older than this.
    RECENT_LOGIN_LIFETIME: timedelta = timedelta(minutes=15)
    # How long the link in a mail opens something: a new password, a new account or address.
    RESET_LIFETIME: timedelta = timedelta(hours=1)
    CONFIRM_LIFETIME: timedelta = timedelta(days=3)
    # How long somebody's copy of their data can be fetched.
    EXPORT_LIFETIME: timedelta = timedelta(days=2)
    # How long after asking to be deleted signing in still takes it back.
    DELETION_GRACE_LIFETIME: timedelta = timedelta(days=14)
    # How long before its end a login says so on the page.
    LOGIN_NOTICE_LIFETIME: timedelta = timedelta(minutes=5)

    def __init__(self, given: Mapping[str, Any]) -> None:
        """Read every setting from `given`; raise SettingRefused for the first that is unusable."""
        for name, kind in get_type_hints(Config).items():
            value = given.get(name, getattr(Config, name))
            setattr(self, name, READERS[kind](name, value) if isinstance(value, str) else value)
        self.DATABASE_URL = psycopg_url(self.DATABASE_URL)
        self.refuse_nonsense()

    def refuse_nonsense(self) -> None:
        """Raise SettingRefused where a value has the right type and still cannot work."""
        if self.DATABASE_URL in {"sqlite://", "sqlite:///:memory:"}:
            raise SettingRefused(
                "DATABASE_URL names a database in memory, which no two connections can share. "
                "Use a file, such as sqlite:///lockstep.sqlite3."
            )
        if self.SESSION_STORE not in {"cookie", "redis"}:
            raise SettingRefused(f"SESSION_STORE is {self.SESSION_STORE!r}. Use cookie or redis.")
        if self.SESSION_STORE == "redis" and not self.REDIS_URL:
            raise SettingRefused(
                "SESSION_STORE is redis and REDIS_URL is missing. "
                "Name the server, such as redis://127.0.0.1:6379/0."
            )
        if self.PASSWORD_MIN_LENGTH < 8:
            raise SettingRefused(
                f"PASSWORD_MIN_LENGTH is {self.PASSWORD_MIN_LENGTH}; NIST SP 800-63B-4 allows "
                "no fewer than 8. Leave it out for the default of 15."
            )
        if not re.match(r"https?://[^/\s]+$", self.BASE_URL):
            raise SettingRefused(
                f"BASE_URL is {self.BASE_URL!r}. Write scheme and host and nothing after them, "
                "such as https://example.com."
            )
        if self.LOG_LEVEL not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise SettingRefused(
                f"LOG_LEVEL is {self.LOG_LEVEL!r}. Use DEBUG, INFO, WARNING or ERROR."
            )

    def refuse_weak_secret(self) -> None:
        """Raise SettingRefused where what signs the cookies could be guessed (ASVS 5.0 V13.3)."""
        for name, secret in [
            ("SECRET_KEY", self.SECRET_KEY),
            *(("SECRET_KEY_FALLBACKS", old) for old in self.SECRET_KEY_FALLBACKS),
        ]:
            if not secret:
                problem = "is missing, and without it nobody can be signed in"
            elif len(secret) < SHORTEST_SECRET:
                problem = f"is {len(secret)} characters long and needs {SHORTEST_SECRET}"
            elif len(set(secret)) < 8:
                problem = "repeats a few characters and could be guessed"
            else:
                continue
            raise SettingRefused(
                f"{name} {problem}. Make one with "
                "`python -c 'import secrets; print(secrets.token_urlsafe(32))'` "
                "and put it in the environment; in development `flask --debug run` makes its own."
            )


def psycopg_url(url: str) -> str:
    """Name psycopg 3 as the driver in the PostgreSQL addresses that platforms hand out."""
    return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url)


def read_text(name: str, value: str) -> str:
    return value.strip()


def read_number(name: str, value: str) -> int:
    if not re.fullmatch(r"\d+", value.strip()):
        raise SettingRefused(f"{name} is {value!r}. Write a whole number, such as 5.")
    return int(value)


def read_duration(name: str, value: str) -> timedelta:
    match = re.fullmatch(r"(\d+)([smhd]?)", value.strip())
    if not match:
        raise SettingRefused(f"{name} is {value!r}. Write a duration as 90, 90s, 15m, 12h or 30d.")
    return timedelta(**{UNITS[match[2]]: int(match[1])})


def read_list(name: str, value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


READERS: dict[Any, Callable[[str, str], Any]] = {
    str: read_text,
    int: read_number,
    timedelta: read_duration,
    tuple[str, ...]: read_list,
}
