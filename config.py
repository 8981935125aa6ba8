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
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

SWITCH = {"true": True, "1": True, "false": False, "0": False}
SECONDS = {"": 1, "s": 1, "m": 60, "h": 60 * 60, "d": 24 * 60 * 60}
LONGEST_DURATION = timedelta(days=3650)
SHORTEST_SECRET = 32
DRIVERS = {"sqlite", "postgresql+psycopg"}
# What a value has to be beside its type, and what to write instead.
RULES: dict[str, tuple[Callable[[Any], object], str]] = {
    "BASE_URL": (
        re.compile(r"https?://[^/?#@\s]+").fullmatch,
        "Write scheme and host and nothing after them, such as https://example.com.",
    ),
    "LOG_LEVEL": (
        {"DEBUG", "INFO", "WARNING", "ERROR"}.__contains__,
        "Use DEBUG, INFO, WARNING or ERROR.",
    ),
    "DATABASE_POOL_SIZE": (
        lambda connections: connections >= 1,
        "No request could have a connection; leave it out for 5.",
    ),
    "HOSTS": (lambda hosts: hosts >= 1, "Somebody has to serve the site; leave it out for 1."),
    "METRICS_TOKEN": (
        lambda token: not token or len(token) >= 16,
        "It could be guessed; write at least 16 characters.",
    ),
    "SESSION_STORE": ({"cookie", "redis"}.__contains__, "Use cookie or redis."),
    "MAX_CONTENT_LENGTH": (lambda size: size >= 1024, "No form would fit; leave it out."),
    "LOGIN_FAILURES_PER_DAY": (
        lambda failures: 1 <= failures <= 100,
        "NIST SP 800-63B-4 allows no more than 100; leave it out for 100.",
    ),
    "MAIL_DAILY_LIMIT": (
        lambda mails: mails >= 1,
        "No visitor could register; leave it out for 50.",
    ),
    "PASSWORD_MIN_LENGTH": (
        lambda length: 8 <= length <= 64,
        "NIST SP 800-63B-4 allows no fewer than 8 and takes 64 for long; leave it out for 15.",
    ),
}


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
    # How many machines serve the site; some settings are right for one and wrong for several.
    HOSTS: int = 1
    # Where to report a weakness: a mailto: or https: address, for /.well-known/security.txt.
    SECURITY_CONTACT: str = ""
    # How much is logged: DEBUG, INFO, WARNING or ERROR.
    LOG_LEVEL: str = "INFO"

    # --- The database ---------------------------------------------------------------------------
    # SQLite in instance/ needs no server. PostgreSQL: postgresql://user:password@host/name
    DATABASE_URL: str = "sqlite:///lockstep.sqlite3"
    # Connections a process keeps open for reading, and as many again for writing.
    DATABASE_POOL_SIZE: int = 5
    # How long a request waits for a connection, or for SQLite's one writer, before it answers 503.
    DATABASE_TIMEOUT: timedelta = timedelta(seconds=5)
    # How long PostgreSQL may work on one statement before it gives up and the request answers 503.
    # Below gunicorn's timeout of 30 s, after which the process would be killed.
    STATEMENT_TIMEOUT: timedelta = timedelta(seconds=10)
    # 1 where PgBouncer in transaction mode stands between: nothing is prepared on a connection or
    # set when it begins. 0 otherwise.
    DATABASE_BEHIND_PGBOUNCER: int = 0
    # A streaming replica that GET requests read from, written as DATABASE_URL is.
    DATABASE_REPLICA_URL: str = ""
    # How long whoever has written something reads from the primary: longer than the replica, which
    # is passed over when it is more than about a second behind, needs to catch up.
    PRIMARY_READS_LIFETIME: timedelta = timedelta(seconds=5)
    # How long a step of a migration waits for a lock on PostgreSQL before the migration gives up.
    # Whoever needs that table meanwhile waits behind it, so this is shorter than DATABASE_TIMEOUT.
    MIGRATION_LOCK_TIMEOUT: timedelta = timedelta(seconds=3)

    # --- Redis ----------------------------------------------------------------------------------
    # redis://host:6379/0. Needed only for what says so.
    REDIS_URL: str = ""
    # Where flask.session is kept: "cookie", signed in the browser, or "redis", under a random id.
    SESSION_STORE: str = "cookie"

    # --- Requests -------------------------------------------------------------------------------
    # How many proxies in front of us add to X-Forwarded-For. 0: no X-Forwarded-* is believed.
    TRUSTED_PROXIES: int = 0
    # The names under which the site answers, such as `example.com` or `.example.com`. Empty: all,
    # which leaves the refusal of other names to the proxy.
    TRUSTED_HOSTS: tuple[str, ...] = ()
    # The largest body a request may have, in bytes. More is answered 413.
    MAX_CONTENT_LENGTH: int = 1024 * 1024
    # Of that, what one field of a form may have in memory; and how many fields there may be.
    MAX_FORM_MEMORY_SIZE: int = 500_000
    MAX_FORM_PARTS: int = 1000
    # Whether @rate_limit refuses anybody. Load tests come from one address and turn it off.
    RATE_LIMITS_ENABLED: bool = True

    # --- Watching -------------------------------------------------------------------------------
    # Opens /metrics to `Authorization: Bearer …`. Without it the page is not there.
    METRICS_TOKEN: str = ""
    # Errors are told to Sentry, at this address. Needs requirements-sentry.txt.
    SENTRY_DSN: str = ""

    # --- Passwords ------------------------------------------------------------------------------
    # NIST SP 800-63B-4 asks for 15 where a password stands alone, and never fewer than 8.
    PASSWORD_MIN_LENGTH: int = 15

    # --- Guessing -------------------------------------------------------------------------------
    # How many tries at one account come without delay from one network (IPv6: a /64), and on each
    # device its owner has signed in with: enough for somebody's three passwords.
    LOGIN_ATTEMPTS: int = 5
    # The same from one network at all accounts together: an office or a whole train may share one.
    LOGIN_ATTEMPTS_PER_ADDRESS: int = 100
    # How many tries at one account may fail within a day from all networks together; then a known
    # device or a reset link opens it. NIST SP 800-63B-4, 3.2.2, allows no more than 100.
    LOGIN_FAILURES_PER_DAY: int = 100
    # How long the next try then waits; twice as long after each further one. From half a minute up
    # to an hour is what NIST SP 800-63B-4, 3.2.2, gives as the example.
    LOGIN_DELAY: timedelta = timedelta(seconds=30)
    # The longest delay. Longer would keep the owner out longer, and a guesser hardly slower.
    LOGIN_DELAY_LIMIT: timedelta = timedelta(hours=1)
    # How long tries are counted, from the first. With a day, a network has some 35 at one account.
    LOGIN_ATTEMPTS_LIFETIME: timedelta = timedelta(days=1)
    # How long a browser stays known to somebody after they signed in with it: guesses made
    # elsewhere then do not delay them. Some sign in once a season.
    KNOWN_DEVICE_LIFETIME: timedelta = timedelta(days=365)

    # --- Proving it twice -----------------------------------------------------------------------
    # Everybody sets up a second factor at their next sign-in, before anything else opens.
    REQUIRE_SECOND_FACTOR: bool = False
    # How long after the password the second step is waited for: fetching a phone takes a while.
    SECOND_STEP_LIFETIME: timedelta = timedelta(minutes=5)
    # How long a device is not asked for the second step, if its person wishes so.
    TRUSTED_DEVICE_LIFETIME: timedelta = timedelta(days=30)

    # --- What happened --------------------------------------------------------------------------
    # How long security events are kept. A year lets people look back at a theft they notice late
    # (PCI DSS 4.0, 10.5.1, asks for as much), and is not for ever: they hold addresses of people.
    AUDIT_RETENTION: timedelta = timedelta(days=365)

    # --- Being signed in (NIST SP 800-63B-4, AAL2) ----------------------------------------------
    # A login ends when nobody used it for this long ...
    SESSION_IDLE_LIMIT: timedelta = timedelta(hours=1)
    # ... and after this long in any case.
    SESSION_LIFETIME: timedelta = timedelta(hours=24)
    # The same two for those who asked to be remembered.
    REMEMBERED_IDLE_LIMIT: timedelta = timedelta(days=14)
    REMEMBERED_LIFETIME: timedelta = timedelta(days=30)
    # How long a replaced token stays good once the new one was seen: other tabs had sent theirs.
    REMEMBERED_GRACE_LIFETIME: timedelta = timedelta(minutes=1)
    # What is dangerous asks for proof again when the last is older than this.
    RECENT_LOGIN_LIFETIME: timedelta = timedelta(minutes=15)
    # How long the link in a mail opens something: a new password, a new account or address.
    RESET_LIFETIME: timedelta = timedelta(hours=1)
    CONFIRM_LIFETIME: timedelta = timedelta(days=3)
    # How long after a change of address the former one can undo it: over a weekend, say. For as
    # long, whoever reads mail there could take the account back.
    EMAIL_UNDO_LIFETIME: timedelta = timedelta(days=3)
    # How long somebody's copy of their data can be fetched.
    EXPORT_LIFETIME: timedelta = timedelta(days=2)
    # How long after asking to be deleted signing in still takes it back.
    DELETION_GRACE_LIFETIME: timedelta = timedelta(days=14)
    # How long before its end a login says so on the page.
    LOGIN_NOTICE_LIFETIME: timedelta = timedelta(minutes=5)

    # --- Mail -----------------------------------------------------------------------------------
    # smtp://user:password@host:587, smtps://host, or file:DIR for .eml files in instance/DIR.
    # Without it nothing is sent and mails wait in the outbox; development shows it at /dev/mail.
    MAIL_URL: str = ""
    # Who mails are from: an address, or `Name <address>`. A mail server wants one of your own.
    MAIL_FROM: str = "no-reply@localhost"
    # How many mails a day one address gets at the request of visitors (register, reset, change of
    # address). Past that one an hour of each kind, so that no attacker can keep a reset from its
    # owner. Security notices are always sent.
    MAIL_DAILY_LIMIT: int = 50
    # How long each step of talking to the mail server may take. RFC 5321 allows minutes, for
    # servers far away; the one that takes our mail is near, and a thread waits for it.
    MAIL_TIMEOUT: timedelta = timedelta(seconds=10)
    # Tries before a mail is given up: with RETRY_DELAY a day and a half, a weekend's outage less
    # a night. A link that comes later than that opens nothing any more.
    MAIL_ATTEMPT_LIMIT: int = 15
    # Whoever took a mail and has not reported by then is taken for dead, and it is sent again.
    # Longer than all steps of one conversation together.
    MAIL_CLAIM_LIFETIME: timedelta = timedelta(minutes=5)

    # --- Work in the background -----------------------------------------------------------------
    # Threads of each process that do jobs and send mails. 0: others do (`flask jobs run --loop`).
    JOB_THREADS: int = 2
    # Celery's workers do them instead: redis://host:6379/1
    CELERY_BROKER_URL: str = ""
    # How often idle workers look by themselves, for what failed or was left by a crash.
    JOB_SWEEP_INTERVAL: timedelta = timedelta(minutes=1)
    # What failed is tried again after this, and each time after twice as long, up to 6 hours.
    RETRY_DELAY: timedelta = timedelta(minutes=1)
    # Tries before a job is given up: with RETRY_DELAY two hours, longer than most outages.
    JOB_ATTEMPT_LIMIT: int = 8
    # A job that takes longer is taken for dead and begun anew; what the first one did is undone.
    JOB_CLAIM_LIFETIME: timedelta = timedelta(minutes=15)
    # How long a process that is told to stop waits for what it has begun. Below gunicorn's
    # graceful_timeout of 25 s, after which it is killed.
    JOB_STOP_LIMIT: timedelta = timedelta(seconds=20)
    # How long sent mails and done jobs stay on record, for whoever asks whether one went out.
    FINISHED_WORK_LIFETIME: timedelta = timedelta(days=30)

    def __init__(self, given: Mapping[str, Any]) -> None:
        """Read every setting from `given`; raise SettingRefused for the first that is unusable."""
        for name, kind in get_type_hints(Config).items():
            value = given.get(name, "")
            if isinstance(value, str):
                # Platforms pass a variable that was left empty; it means what none at all means.
                value = READERS[kind](name, value) if value.strip() else getattr(Config, name)
            setattr(self, name, value)
        self.DATABASE_URL = psycopg_url(self.DATABASE_URL)
        self.DATABASE_REPLICA_URL = psycopg_url(self.DATABASE_REPLICA_URL)
        self.LOG_LEVEL = self.LOG_LEVEL.upper()
        self.refuse_nonsense()

    def refuse_nonsense(self) -> None:
        """Raise SettingRefused where a value has the right type and still cannot work."""
        for name, (works, mend) in RULES.items():
            if not works(getattr(self, name)):
                raise SettingRefused(f"{name} is {getattr(self, name)!r}. {mend}")
        refuse_unusable_database(self.DATABASE_URL)
        refuse_unusable_replica(self.DATABASE_URL, self.DATABASE_REPLICA_URL)
        if self.SESSION_STORE == "redis" and not self.REDIS_URL:
            raise SettingRefused(
                "SESSION_STORE is redis and REDIS_URL is missing. "
                "Name the server, such as redis://127.0.0.1:6379/0."
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


def refuse_unusable_database(url: str) -> None:
    """Raise SettingRefused for an address no engine of ours can be made from.

    It may hold a password, so no sentence repeats it.
    """
    try:
        parts = make_url(url)
    except ArgumentError:
        parts = None
    if parts is None or parts.drivername not in DRIVERS:
        raise SettingRefused(
            "DATABASE_URL is not an address this site can use. Write "
            "postgresql://user:password@host/name, or sqlite:///name.sqlite3."
        )
    if parts.drivername == "sqlite" and parts.database in {None, "", ":memory:"}:
        raise SettingRefused(
            "DATABASE_URL names a database in memory, which no two connections can share. "
            "Use a file, such as sqlite:///lockstep.sqlite3."
        )


def refuse_unusable_replica(primary: str, replica: str) -> None:
    """Raise SettingRefused for a replica that cannot be one: only PostgreSQL has them here."""
    if replica and not (primary.startswith("postgresql") and replica.startswith("postgresql")):
        raise SettingRefused(
            "DATABASE_REPLICA_URL needs PostgreSQL on both sides. Write "
            "postgresql://user:password@host/name here and in DATABASE_URL, or leave it out."
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
    if not timedelta() < duration <= LONGEST_DURATION:
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
