"""`flask seed`: as many people as a large site has, to see how it works with them.

The database makes the rows by itself, so that two million people take minutes and not hours.
"""

from datetime import timedelta
from secrets import token_hex
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import BigInteger, BindParameter, String, bindparam, func, select, text

from app.clock import UTCDateTime, now
from app.commands import Command
from app.database import db
from app.unit_of_work import unit_of_work
from app.users.hashing import hash_password
from app.users.models import User

# Rows of one transaction.
CHUNK = 100_000
NUMBERS = """WITH RECURSIVE numbers(n) AS (
    SELECT :first UNION ALL SELECT n + 1 FROM numbers WHERE n < :last
)"""
# 32 bytes that no other row has.
UNIQUE = {"postgresql": "sha256(convert_to(:salt || n, 'UTF8'))", "sqlite": "randomblob(32)"}
# `who` is the first person of those `people` among whom the rows are dealt out.
STATEMENTS = {
    "people": """
        INSERT INTO users (email, password_hash, display_name, created_at) NUMBERS
        SELECT 'somebody-' || n || '@example.com', :password_hash, '', :at FROM numbers""",
    "logins": """
        INSERT INTO login_sessions (token_digest, rotation_key, user_id, user_agent, address,
            remembered, created_at, last_seen_at, expires_at) NUMBERS
        SELECT UNIQUE, UNIQUE, :who + n % :people, 'seed', '192.0.2.1', n % 2 = 0, :at, :at,
            :until FROM numbers""",
    "events": """
        INSERT INTO security_events (at, action, user_id, address, user_agent, details) NUMBERS
        SELECT :at, 'login.succeeded', :who + n % :people, '192.0.2.1', 'seed', '{}'
        FROM numbers""",
    "mails": """
        INSERT INTO outbox (name, sender, recipient, subject, text, html, state, attempts,
            last_error, created_at, ended_at, locale) NUMBERS
        SELECT 'mail/test', 'site@example.com', 'somebody-' || n || '@example.com', 'seed', '', '',
            'sent', 1, '', :at, :at, 'en' FROM numbers""",
}

# PostgreSQL asks for the type of each.
TYPED: list[BindParameter[Any]] = [
    *(bindparam(name, type_=BigInteger()) for name in ("first", "last", "who", "people")),
    *(bindparam(name, type_=UTCDateTime()) for name in ("at", "until")),
    *(bindparam(name, type_=String()) for name in ("salt", "password_hash")),
]


@click.command("seed", cls=Command)
@click.option("--users", default=0, help="People to add.")
@click.option("--logins", default=0, help="Logins to add, dealt out among the people of a seed.")
@click.option("--events", default=0, help="Security events to add, likewise.")
@click.option("--mails", default=0, help="Sent mails to add.")
@click.option("--password", help="What the new people sign in with; without it they cannot.")
@click.option("--not-development", is_flag=True, help="Yes, in this database too.")
@with_appcontext
def seed(
    users: int, logins: int, events: int, mails: int, password: str | None, not_development: bool
) -> None:
    """Fill the database with made-up people and with what they leave behind.

    They are somebody-1@example.com and so on.
    """
    if not (current_app.debug or not_development):
        raise click.ClickException(
            "Nothing was added, because this is not development. Add --not-development to mean it."
        )
    add("people", users, password_hash=hash_password(password) if password else None)
    for what, count in {"logins": logins, "events": events}.items():
        add(what, count, **made_up_people())
    add("mails", mails)


def made_up_people() -> dict[str, int]:
    """Return the first person that was seeded, and how many there are from them on."""
    seeded = User.email.like("somebody-%@example.com")
    first, last = db.session.execute(
        select(func.min(User.id), func.max(User.id)).where(seeded)
    ).one()
    return {"who": first or 0, "people": last - first + 1 if first else 1}


def add(what: str, count: int, **values: object) -> None:
    """Add so many rows, a chunk at a time, and say how far it is."""
    dialect = db.session.get_bind().dialect.name
    after = (db.session.scalar(select(func.max(User.id))) or 0) if what == "people" else 0
    sql = STATEMENTS[what].replace("NUMBERS", NUMBERS).replace("UNIQUE", UNIQUE[dialect])
    statement = text(sql)
    known = statement.compile().params
    statement = statement.bindparams(*(it for it in TYPED if it.key in known))
    values |= {"at": now(), "until": now() + timedelta(days=30), "salt": token_hex()}
    given = {name: value for name, value in values.items() if name in known}
    for first in range(1, count + 1, CHUNK):
        last = min(first + CHUNK - 1, count)
        with unit_of_work():
            db.session.execute(statement, given | {"first": after + first, "last": after + last})
        click.echo(f"{what}: {last}")
