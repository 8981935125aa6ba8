"""Every query finds its rows by an index, so that it is as fast with two million users.

The test visits the whole site, and explains each statement that PostgreSQL received.
"""

from collections.abc import Callable

from sqlalchemy import select

from app.application import Application
from app.database import db
from app.jobs.queue import queues
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, Clock, signed_in, visitor
from tests.databases import on_postgresql
from tests.emailed_links import PASSPHRASE
from tests.query_plans import Statements, scans
from tests.query_plans import statements as statements

pytestmark = on_postgresql


def visit_every_page(browser: Client) -> None:
    for rule in browser.application.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.arguments:
            browser.get(rule.rule)


def run_maintenance(app: Application) -> None:
    """Run the commands of an operator, and the due jobs."""
    for args in (
        ["prune"],
        ["mail", "list"],
        ["jobs", "list"],
        ["jobs", "schedules"],
        ["jobs", "run"],
        ["mail", "retry", "--all"],
    ):
        result = app.test_cli_runner().invoke(args=args)
        assert result.exit_code == 0, result.output
    with app.app_context():
        for queue in queues.items(app):
            queue.process_next()


def test_no_query_scans_a_table(
    app: Application,
    alice: User,
    bob: User,
    clock: Clock,
    link: Callable[[str], str],
    statements: Statements,
    database_url: str,
) -> None:
    remembered, other_device = visitor(app), signed_in(app, alice)
    remembered.sign_in(alice.email, remember=True)
    visitor(app).sign_in("nobody@example.com")
    visit_every_page(remembered)
    remembered.submit("/account", display_name="Alice")
    remembered.submit("/account/password", current_password=PASSWORD, password=PASSPHRASE)
    remembered.submit("/preferences", theme="dark")
    remembered.submit("/account/email", email="alice@example.org")
    remembered.submit("/account/export")  # part: export
    stranger = visitor(app)
    stranger.submit("/reset", email="bob@example.com")
    stranger.submit(link("bob@example.com"), password=PASSPHRASE)
    stranger.submit("/register", email="charlie@example.com")
    stranger.submit(link("charlie@example.com"), password=PASSPHRASE)
    stranger.submit("/account/email", email="charlie@example.org")
    stranger.submit(link("charlie@example.org"))
    stranger.submit(link("charlie@example.com"))
    other_device.get("/devices")
    clock.forward(hours=3)
    visit_every_page(remembered)
    last = visitor(app)
    last.sign_in(alice.email, PASSPHRASE)
    last.submit("/account/delete")
    run_maintenance(app)
    clock.forward(days=40)
    run_maintenance(app)
    assert len(statements) > 40
    assert not scans(database_url, statements), (
        "Add an index: the query becomes slower as the table grows."
    )


def test_a_query_without_an_index_is_found(
    app: Application, statements: Statements, database_url: str
) -> None:
    with app.app_context():
        db.session.scalars(select(User).where(User.display_name == "Alice")).all()
    [found] = scans(database_url, statements)
    assert found.startswith("users: SELECT")
