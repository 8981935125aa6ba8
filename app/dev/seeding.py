"""`flask seed`: fill the database with sample rows, to test the site at the size of a large one.

The rows are generated inside the database, so that two million users take minutes, not hours.
"""

from datetime import timedelta
from secrets import token_hex
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import BigInteger, BindParameter, String, bindparam, func, select, text

from app.clock import UTCDateTime, now
from app.database import db
from app.database.commands import Command
from app.unit_of_work import unit_of_work
from app.users.hashing import hash_password
from app.users.models import User

# Rows per transaction.
CHUNK = 100_000
NUMBERS = """WITH RECURSIVE numbers(n) AS (
    SELECT :first UNION ALL SELECT n + 1 FROM numbers WHERE n < :last
)"""
# 32 bytes that are unique per row.
UNIQUE = {"postgresql": "sha256(convert_to(:salt || n, 'UTF8'))", "sqlite": "randomblob(32)"}
# Rows are distributed over `user_count` users, beginning with `first_user`.
STATEMENTS = {
    "users": """
        INSERT INTO users (email, password_hash, display_name, created_at) NUMBERS
        SELECT 'user-' || n || '@example.com', :password_hash, '', :at FROM numbers""",
    "logins": """
        INSERT INTO login_sessions (token_digest, rotation_key, user_id, user_agent, address,
            remembered, created_at, last_seen_at, expires_at) NUMBERS
        SELECT UNIQUE, UNIQUE, :first_user + n % :user_count, 'seed', '192.0.2.1', n % 2 = 0,
            :at, :at, :until FROM numbers""",
    "events": """
        INSERT INTO security_events (at, action, user_id, address, user_agent, details) NUMBERS
        SELECT :at, 'login.succeeded', :first_user + n % :user_count, '192.0.2.1', 'seed', '{}'
        FROM numbers""",
    "mails": """
        INSERT INTO outbox (name, sender, recipient, subject, text, html, state, attempts,
            last_error, created_at, ended_at, locale) NUMBERS
        SELECT 'mail/test', 'site@example.com', 'user-' || n || '@example.com', 'seed', '', '',
            'sent', 1, '', :at, :at, 'en' FROM numbers""",
}

# PostgreSQL needs the type of each parameter.
TYPED: list[BindParameter[Any]] = [
    *(
        bindparam(name, type_=BigInteger())
        for name in ("first", "last", "first_user", "user_count")
    ),
    *(bindparam(name, type_=UTCDateTime()) for name in ("at", "until")),
    *(bindparam(name, type_=String()) for name in ("salt", "password_hash")),
]


@click.command("seed", cls=Command)
@click.option("--users", default=0, help="Users to add.")
@click.option("--logins", default=0, help="Logins to add, distributed over the seeded users.")
@click.option("--events", default=0, help="Security events to add, distributed likewise.")
@click.option("--mails", default=0, help="Sent emails to add.")
@click.option("--password", help="Password of the new users; without it they cannot sign in.")
@click.option("--not-development", is_flag=True, help="Allow it outside debug mode.")
@with_appcontext
def seed(
    users: int, logins: int, events: int, mails: int, password: str | None, not_development: bool
) -> None:
    """Fill the database with sample users, logins, events and emails.

    The users are user-1@example.com and so on.
    """
    if not (current_app.debug or not_development):
        raise click.ClickException(
            "Nothing was added: debug mode is off. Pass --not-development to do it anyway."
        )
    add("users", users, password_hash=hash_password(password) if password else None)
    add("logins", logins, **seeded_users())
    add("events", events, **seeded_users())
    add("mails", mails)


def seeded_users() -> dict[str, int]:
    """Return the id of the first seeded user, and the number of ids from there on."""
    seeded = User.email.like("user-%@example.com")
    first, last = db.session.execute(
        select(func.min(User.id), func.max(User.id)).where(seeded)
    ).one()
    return {"first_user": first or 0, "user_count": last - first + 1 if first else 1}


def add(kind: str, count: int, **values: object) -> None:
    """Add rows in chunks, and print the progress."""
    dialect = db.session.get_bind().dialect.name
    after = (db.session.scalar(select(func.max(User.id))) or 0) if kind == "users" else 0
    sql = STATEMENTS[kind].replace("NUMBERS", NUMBERS).replace("UNIQUE", UNIQUE[dialect])
    names = text(sql).compile().params
    statement = text(sql).bindparams(*(it for it in TYPED if it.key in names))
    values |= {"at": now(), "until": now() + timedelta(days=30), "salt": token_hex()}
    given = {name: value for name, value in values.items() if name in names}
    for first in range(1, count + 1, CHUNK):
        last = min(first + CHUNK - 1, count)
        with unit_of_work():
            db.session.execute(statement, given | {"first": after + first, "last": after + last})
        click.echo(f"{kind}: {last}")
