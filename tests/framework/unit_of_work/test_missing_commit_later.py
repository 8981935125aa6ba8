"""R5: unsaved changes never look like a success."""

from collections.abc import Callable, Iterator

import pytest
from flask import flash
from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import IntegrityError

from app.database import ChangesLost, db
from app.unit_of_work import UncommittedChanges, commit_later
from app.users.accounts import find_user
from app.users.models import User
from tests.databases import on_postgresql
from tests.view_site import Site, add, exceptions, run

CHANGES = {
    "pending": lambda: add("bob@example.com"),
    "flushed": lambda: (add("bob@example.com"), db.session.flush()),
    "bulk": lambda: db.session.execute(insert(User).values(email="bob@example.com")),
    "changed": lambda: setattr(find_user("alice@example.com"), "display_name", "Bob"),
    "deleted": lambda: db.session.delete(find_user("alice@example.com")),
    "bulk update": lambda: db.session.execute(update(User).values(display_name="Bob")),
    "bulk delete": lambda: db.session.execute(delete(User)),
    "plain SQL": lambda: db.session.execute(text("DELETE FROM users")),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_r5_a_forgotten_flag_raises(change: Callable[[], object], site: Site, alice) -> None:
    @site.view()
    def act() -> dict[str, str]:
        change()
        return {}

    with pytest.raises(UncommittedChanges, match="POST /act"):
        site.post()
    assert run(site.database_url, "SELECT email, display_name FROM users") == [
        ("alice@example.com", "")
    ]


def test_r5_in_production_a_forgotten_flag_is_a_logged_500(site: Site, caplog) -> None:
    site.use_production_errors()

    @site.view()
    def act() -> dict[str, str]:
        add("bob@example.com")
        flash("Saved!")
        return {}

    response = site.post()
    assert response.status_code == 500
    assert "Set-Cookie" not in response.headers
    assert [record.exc_info[0] for record in exceptions(caplog)] == [UncommittedChanges]
    assert site.emails == []


def test_r5_changes_undone_by_a_savepoint_need_no_flag(site: Site, alice: User) -> None:
    @site.view()
    def act() -> tuple[dict[str, str], int]:
        with pytest.raises(IntegrityError), db.session.begin_nested():
            add("alice@example.com")
        return {"email": "taken"}, 422

    assert site.post().status_code == 422


def test_r5_changes_kept_by_a_savepoint_need_the_flag(site: Site) -> None:
    @site.view()
    def act() -> dict[str, str]:
        with db.session.begin_nested():
            add("bob@example.com")
        return {}

    with pytest.raises(UncommittedChanges):
        site.post()


def test_r5_a_view_can_roll_back_and_continue(site: Site, alice: User) -> None:
    @site.view()
    def act() -> dict[str, str]:
        add("alice@example.com")
        with pytest.raises(IntegrityError):
            db.session.flush()
        db.session.rollback()
        add("bob@example.com")
        commit_later()
        return {}

    site.post()
    assert site.emails == ["alice@example.com", "bob@example.com"]


@on_postgresql
def test_r5_a_select_that_writes_is_not_committed_without_the_flag(site: Site) -> None:
    run(
        site.database_url,
        "CREATE OR REPLACE FUNCTION plant() RETURNS void LANGUAGE sql AS "
        "$$ INSERT INTO users (email, display_name, created_at) VALUES ('x@x.org', '', now()) $$",
    )

    @site.view()
    def act() -> dict[str, str]:
        db.session.execute(text("SELECT plant()"))
        return {}

    assert site.post().status_code == 200
    assert site.emails == []


REFUSE = """
    CREATE TRIGGER refuse BEFORE INSERT ON users WHEN NEW.email = 'alice@example.com'
    BEGIN SELECT RAISE(ROLLBACK, 'and everything before it'); END
"""


@pytest.fixture
def database_gives_up(database_url: str, is_postgresql: bool) -> Iterator[None]:
    """One refused statement undoes the whole transaction, as it does on PostgreSQL anyway."""
    if not is_postgresql:
        run(database_url, REFUSE)
    yield
    if not is_postgresql:
        run(database_url, "DROP TRIGGER refuse")


def test_r5_a_transaction_that_the_database_rolled_back_is_not_reported_as_success(
    site: Site, alice: User, database_gives_up: None
) -> None:
    """PostgreSQL then responds to COMMIT with success, and saves nothing."""

    @site.view()
    def act() -> dict[str, str]:
        db.session.execute(update(User).values(display_name="Alice"))
        with pytest.raises(IntegrityError):
            db.session.execute(insert(User).values(email="alice@example.com"))
        commit_later()
        return {}

    with pytest.raises(ChangesLost, match="begin_nested"):
        site.post()
