"""All settings, read from the environment.

Each has a type, a default and a reason. An invalid or missing setting stops the start with a
sentence that says which one it is and how to fix it (ASVS 5.0 V13.1).
A duration is written `90`, `90s`, `15m`, `12h` or `30d`; a list is separated by commas.
A part declares settings of its own in the same form, in a class that its `__init__` exposes as
SETTINGS.
"""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, ClassVar, get_origin, get_type_hints

from click import ClickException
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

SWITCH = {"true": True, "1": True, "false": False, "0": False}
SECONDS = {"": 1, "s": 1, "m": 60, "h": 60 * 60, "d": 24 * 60 * 60}
MAX_DURATION = timedelta(days=3650)
MIN_SECRET_LENGTH = 32
DRIVERS = {"sqlite", "postgresql+psycopg"}
# Conditions beyond the type, and the advice if a value does not meet them.
Rules = Mapping[str, tuple[Callable[[Any], object], str]]


class SettingRefused(ClickException):
    """A setting is invalid or missing; the message says which one and how to fix it."""


class Config:
    # --- The site -------------------------------------------------------------------------------
    # The name of the site on pages and in emails.
    APP_NAME: str = "Lockstep"
    # The public URL of the site; links in emails begin with it. `flask run` on another port
    # (FLASK_RUN_PORT) has that port in the default.
    BASE_URL: str = "http://127.0.0.1:5000"
    # Signs cookies and forms. Debug mode generates one and stores it in instance/.
    SECRET_KEY: str = ""
    # Previous secret keys, newest first: signatures made with them stay valid.
    SECRET_KEY_FALLBACKS: tuple[str, ...] = ()
    # The number of machines that serve the site; some settings work only on one.
    HOSTS: int = 1
    # The lowest level to log: DEBUG, INFO, WARNING or ERROR.
    LOG_LEVEL: str = "INFO"

    # --- The database ---------------------------------------------------------------------------
    # SQLite in instance/ needs no server. PostgreSQL: postgresql://user:password@host/name
    DATABASE_URL: str = "sqlite:///lockstep.sqlite3"
    # Connections that each process keeps for reading, and as many again for writing.
    DATABASE_POOL_SIZE: int = 5
    # How long a request waits for a connection, or for SQLite's write lock, before it gets a 503.
    DATABASE_TIMEOUT: timedelta = timedelta(seconds=5)
    # How long PostgreSQL may take for one statement before the request gets a 503. Below
    # gunicorn's timeout of 30 s, after which the process would be killed.
    STATEMENT_TIMEOUT: timedelta = timedelta(seconds=10)
    # Whether the client gives up too, two seconds later: for a server or proxy that keeps the
    # connection and never answers. It overrides a method of psycopg's connections.
    DATABASE_CLIENT_TIMEOUT: bool = True
    # 1 behind PgBouncer in transaction mode, which allows no prepared statements and no settings
    # on a connection. 0 otherwise.
    DATABASE_BEHIND_PGBOUNCER: int = 0
    # How long a migration waits for a lock on PostgreSQL before it gives up. Queries on that table
    # wait behind it, so this is shorter than DATABASE_TIMEOUT.
    MIGRATION_LOCK_TIMEOUT: timedelta = timedelta(seconds=3)

    # --- Requests -------------------------------------------------------------------------------
    # The number of proxies that add to X-Forwarded-For. With 0, X-Forwarded-* is ignored.
    TRUSTED_PROXIES: int = 0
    # The accepted host names, such as `example.com` or `.example.com`. Empty: all, which leaves it
    # to the proxy to reject others.
    TRUSTED_HOSTS: tuple[str, ...] = ()
    # The maximum size of a request body, in bytes. A larger one gets a 413.
    MAX_CONTENT_LENGTH: int = 1024 * 1024
    # The maximum size of one form field, in bytes, and the maximum number of fields.
    MAX_FORM_MEMORY_SIZE: int = 500_000
    MAX_FORM_PARTS: int = 1000
    # Whether @rate_limit is enforced. Load tests come from one address and turn it off.
    RATE_LIMITS_ENABLED: bool = True

    # --- Passwords ------------------------------------------------------------------------------
    # NIST SP 800-63B-4 requires 15 if the password is the only factor, and never allows below 8.
    PASSWORD_MIN_LENGTH: int = 15

    # --- Password guessing ----------------------------------------------------------------------
    # Failed attempts at one account from one network (IPv6: a /64), and on each known device,
    # before delays begin: enough to try a few passwords of one's own.
    LOGIN_ATTEMPTS: int = 5
    # The same from one network over all accounts: an office or a whole train may share one.
    LOGIN_ATTEMPTS_PER_ADDRESS: int = 100
    # Failed attempts a day at one account over all networks. After that, only a known device or a
    # reset link signs in. NIST SP 800-63B-4, 3.2.2, allows at most 100.
    LOGIN_FAILURES_PER_DAY: int = 100
    # The first delay, doubled after each further failure. NIST SP 800-63B-4, 3.2.2, gives 30
    # seconds up to an hour as the example.
    LOGIN_DELAY: timedelta = timedelta(seconds=30)
    # The maximum delay. More would lock out the owner for longer and hardly slow down an attacker.
    LOGIN_DELAY_LIMIT: timedelta = timedelta(hours=1)
    # How long failures count, from the first. With one day, a network has about 35 guesses a day.
    LOGIN_ATTEMPTS_LIFETIME: timedelta = timedelta(days=1)
    # How long a browser is a known device after signing in: failures elsewhere do not delay it.
    # Long, because some users sign in only once a season.
    KNOWN_DEVICE_LIFETIME: timedelta = timedelta(days=365)

    # --- Audit trail ----------------------------------------------------------------------------
    # How long security events are kept. A year, as PCI DSS 4.0, 10.5.1, requires, so that a late
    # discovery can be investigated; not longer, because events contain IP addresses.
    AUDIT_RETENTION: timedelta = timedelta(days=365)

    # --- Login sessions (NIST SP 800-63B-4, AAL2) -----------------------------------------------
    # A login expires after this time without a request, ...
    SESSION_IDLE_LIMIT: timedelta = timedelta(hours=1)
    # ... and after this time in any case.
    SESSION_LIFETIME: timedelta = timedelta(hours=24)
    # The same two for remembered logins.
    REMEMBERED_IDLE_LIMIT: timedelta = timedelta(days=14)
    REMEMBERED_LIFETIME: timedelta = timedelta(days=30)
    # How long a rotated token stays valid once the new one was used: for requests in other tabs.
    REMEMBERED_GRACE_LIFETIME: timedelta = timedelta(minutes=1)
    # Sensitive actions need reauthentication if the last authentication is older than this.
    RECENT_LOGIN_LIFETIME: timedelta = timedelta(minutes=15)
    # How long emailed links are valid: for a password reset, and for a new account or address.
    RESET_LIFETIME: timedelta = timedelta(hours=1)
    CONFIRM_LIFETIME: timedelta = timedelta(days=3)
    # How long after a change of the email address the former address can undo it.
    EMAIL_UNDO_LIFETIME: timedelta = timedelta(days=3)
    # How long signing in cancels the deletion of an account.
    DELETION_GRACE_LIFETIME: timedelta = timedelta(days=14)
    # The path that a sign-in continues to if no page was requested before it.
    PAGE_AFTER_SIGN_IN: str = "/account"
    # How long before a login expires the page shows a notice.
    LOGIN_NOTICE_LIFETIME: timedelta = timedelta(minutes=5)

    # --- Email ----------------------------------------------------------------------------------
    # smtp://user:password@host:587, smtps://host, or file:DIR for .eml files in instance/DIR.
    # Empty: nothing is sent and emails wait in the outbox, which `flask mail list` shows.
    MAIL_URL: str = ""
    # The sender of emails: an address, or `Name <address>`. Required with a mail server.
    MAIL_FROM: str = "no-reply@localhost"
    # Emails a day that visitors can request to one address (register, reset, change of address).
    # After that one an hour of each kind, so that an attacker cannot block a reset. Security
    # notices are always sent.
    MAIL_DAILY_LIMIT: int = 50
    # How long an address that its mail server rejected is sent nothing at all. After that, the
    # next email without a topic is tried again, because mail servers reject by mistake too.
    MAIL_BOUNCE_LIFETIME: timedelta = timedelta(days=1)
    # Bytes of all attachments of one email. Mail servers commonly accept 20 MB, and sending adds a
    # third (base64).
    MAIL_SIZE_LIMIT: int = 10_000_000
    # The timeout of each SMTP step. RFC 5321 allows minutes, for distant servers. This one is
    # near, and a thread waits for it.
    MAIL_TIMEOUT: timedelta = timedelta(seconds=10)
    # Attempts before an email is given up: with RETRY_DELAY, a day and a half. After that, most
    # links in it have expired.
    MAIL_ATTEMPT_LIMIT: int = 15
    # After this time a worker that claimed an email counts as dead, and the email is sent again.
    # Longer than all SMTP steps of one email together.
    MAIL_CLAIM_LIFETIME: timedelta = timedelta(minutes=5)

    # --- Background jobs ------------------------------------------------------------------------
    # Threads per process that run jobs and send emails. 0: use `flask jobs run --loop` instead.
    JOB_THREADS: int = 2
    # How often each process looks for schedules that are due, and for rows that failed or were
    # left by a crash.
    JOB_SWEEP_INTERVAL: timedelta = timedelta(minutes=1)
    # The delay before the first retry, doubled each time up to 6 hours.
    RETRY_DELAY: timedelta = timedelta(minutes=1)
    # Attempts before a job is given up: with RETRY_DELAY two hours, longer than most outages.
    JOB_ATTEMPT_LIMIT: int = 8
    # After this time a job counts as dead and starts again; changes of the first run roll back.
    JOB_CLAIM_LIFETIME: timedelta = timedelta(minutes=15)
    # How long a stopping process waits for its current jobs. Below gunicorn's graceful_timeout of
    # 25 s, after which it is killed.
    JOB_STOP_LIMIT: timedelta = timedelta(seconds=20)
    # How long sent emails and done jobs are kept, so that operators can look them up.
    FINISHED_WORK_LIFETIME: timedelta = timedelta(days=30)

    RULES: ClassVar[Rules] = {
        "BASE_URL": (
            re.compile(r"https?://[^/?#@\s]+").fullmatch,
            "Write only scheme and host, such as https://example.com.",
        ),
        "LOG_LEVEL": (
            {"DEBUG", "INFO", "WARNING", "ERROR"}.__contains__,
            "Use DEBUG, INFO, WARNING or ERROR.",
        ),
        "DATABASE_POOL_SIZE": (
            lambda connections: connections >= 1,
            "It must be at least 1; the default is 5.",
        ),
        "HOSTS": (lambda hosts: hosts >= 1, "It must be at least 1, which is the default."),
        "MAX_CONTENT_LENGTH": (
            lambda size: size >= 1024,
            "It must be at least 1024 bytes, or no form would fit.",
        ),
        "LOGIN_FAILURES_PER_DAY": (
            lambda failures: 1 <= failures <= 100,
            "NIST SP 800-63B-4 allows at most 100, which is the default.",
        ),
        "MAIL_DAILY_LIMIT": (
            lambda mails: mails >= 1,
            "It must be at least 1, or no visitor could register; the default is 50.",
        ),
        "PAGE_AFTER_SIGN_IN": (
            re.compile(r"/(?!/)[^\\\s]*").fullmatch,
            "Write a path of this site, such as /account.",
        ),
        "PASSWORD_MIN_LENGTH": (
            lambda length: 8 <= length <= 64,
            "Use 8 to 64, as NIST SP 800-63B-4 requires; the default is 15.",
        ),
    }

    def __init__(self, given: Mapping[str, Any], *parts: type) -> None:
        """Read every setting from `given`: those of this class, and those that parts declare.

        Raises SettingRefused for the first invalid one.
        """
        for declared in (Config, *parts):
            self.read(given, declared)
        if given.get("FLASK_RUN_PORT") and not given.get("BASE_URL"):
            self.BASE_URL = f"http://127.0.0.1:{given['FLASK_RUN_PORT']}"
        self.DATABASE_URL = psycopg_url(self.DATABASE_URL)
        self.LOG_LEVEL = self.LOG_LEVEL.upper()
        for declared in (Config, *parts):
            self.refuse_invalid(getattr(declared, "RULES", {}))
        refuse_unusable_database(self.DATABASE_URL)

    def read(self, given: Mapping[str, Any], declared: type) -> None:
        """Read the settings that one class declares."""
        for name, kind in types_of_settings(declared).items():
            value = given.get(name, "")
            if isinstance(value, str):
                # Platforms pass empty variables; an empty one means the default.
                value = READERS[kind](name, value) if value.strip() else getattr(declared, name)
            setattr(self, name, value)

    def refuse_invalid(self, rules: Rules) -> None:
        """Raise SettingRefused for a value of the right type that cannot work."""
        for name, (works, advice) in rules.items():
            if not works(getattr(self, name)):
                raise SettingRefused(f"{name} is {getattr(self, name)!r}. {advice}")

    def refuse_weak_secret(self) -> None:
        """Raise SettingRefused for a secret key that could be guessed (ASVS 5.0 V13.3)."""
        for name, secret in [
            ("SECRET_KEY", self.SECRET_KEY),
            *(("SECRET_KEY_FALLBACKS", old) for old in self.SECRET_KEY_FALLBACKS),
        ]:
            if not secret:
                problem = "is missing"
            elif len(secret) < MIN_SECRET_LENGTH:
                problem = f"has {len(secret)} characters and needs {MIN_SECRET_LENGTH}"
            elif len(set(secret)) < 8:
                problem = "repeats a few characters, so it could be guessed"
            else:
                continue
            raise SettingRefused(
                f"{name} {problem}. Generate one with "
                "`python -c 'import secrets; print(secrets.token_urlsafe(32))'` "
                "and set it in the environment. In debug mode, `flask run` generates its own."
            )


def types_of_settings(declared: type) -> dict[str, Any]:
    """Return the settings that a class declares, each with its type."""
    hints = get_type_hints(declared)
    return {name: kind for name, kind in hints.items() if get_origin(kind) is not ClassVar}


def psycopg_url(url: str) -> str:
    """Add psycopg 3 as the driver to the PostgreSQL URLs that platforms provide."""
    return re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", url)


def refuse_unusable_database(url: str) -> None:
    """Raise SettingRefused for an unsupported database.

    The URL may contain a password, so no message repeats it.
    """
    try:
        parts = make_url(url)
    except ArgumentError:
        parts = None
    if parts is None or parts.drivername not in DRIVERS:
        raise SettingRefused(
            "DATABASE_URL is not a supported database. Write "
            "postgresql://user:password@host/name, or sqlite:///name.sqlite3."
        )
    if parts.drivername == "sqlite" and parts.database in {None, "", ":memory:"}:
        raise SettingRefused(
            "DATABASE_URL names an in-memory database, which connections cannot share. "
            "Use a file, such as sqlite:///lockstep.sqlite3."
        )


def read_text(name: str, value: str) -> str:
    return value.strip()


def read_number(name: str, value: str) -> int:
    if not re.fullmatch(r"\d{1,12}", value.strip()):
        raise SettingRefused(f"{name} is {value!r}. Write a whole number, such as 5.")
    return int(value)


def read_switch(name: str, value: str) -> bool:
    word = value.strip().lower()
    if word not in SWITCH:
        raise SettingRefused(f"{name} is {value!r}. Write true or false.")
    return SWITCH[word]


def read_duration(name: str, value: str) -> timedelta:
    match = re.fullmatch(r"(\d{1,9})([smhd]?)", value.strip())
    duration = timedelta(seconds=int(match[1]) * SECONDS[match[2]] if match else 0)
    if not timedelta() < duration <= MAX_DURATION:
        raise SettingRefused(f"{name} is {value!r}. Write a duration as 90, 90s, 15m, 12h or 30d.")
    return duration


def read_list(name: str, value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


READERS: dict[Any, Callable[[str, str], Any]] = {
    str: read_text,
    int: read_number,
    bool: read_switch,
    timedelta: read_duration,
    tuple[str, ...]: read_list,
}
