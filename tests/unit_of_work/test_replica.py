"""R1: with a replica, what only reads may be read there."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app.database import db
from app.unit_of_work import commit_later, reading
from app.users.models import User
from tests.conftest import migrate, new_postgresql_database
from tests.site import Site, add, run


@pytest.fixture
def replica_url(is_postgresql: bool, tmp_path: Path) -> Iterator[str]:
    """A second database, in which somebody else is, so that the two can be told apart."""
    if not is_postgresql:
        yield f"sqlite:///{tmp_path}/replica.sqlite3"
    else:
        with new_postgresql_database() as url:
            yield url


@pytest.fixture
def replicated(site: Site, replica_url: str, alice: User) -> Site:
    migrate(replica_url)
    run(
        replica_url,
        "INSERT INTO users (email, display_name, created_at) "
        "VALUES ('copy@example.com', '', '2026-11-21 00:00:00')",
    )
    site.settings["DATABASE_REPLICA_URL"] = replica_url
    return site


def emails() -> list[str]:
    return [*db.session.scalars(select(User.email).order_by(User.id))]


def test_r1_a_get_is_read_from_the_replica(replicated: Site) -> None:
    replicated.view("GET")(lambda: emails())
    assert replicated.get().json == ["copy@example.com"]


def test_r1_a_post_reads_and_writes_in_the_database_itself(replicated: Site) -> None:
    @replicated.view()
    def act() -> list[list[str]]:
        with reading():
            before = emails()
        add("bob@example.com")
        commit_later()
        return [before, emails()]

    assert replicated.post().json == [
        ["copy@example.com"],
        ["alice@example.com", "bob@example.com"],
    ]
    assert replicated.people == ["alice@example.com", "bob@example.com"]
