"""The statements of each page of staff. If a number grows, say why in a comment here."""

from collections.abc import Callable

import pytest

from app.application import Application
from app.users.models import User
from tests.client import Client
from tests.sql_trace import SqlTrace

# Each begins with the login and its user, and the roles of that user.
STATEMENTS = {
    "/staff": 2,
    "/staff/people": 3,
    "/staff/people?q=ali": 3,
    # The user, a scheduled deletion, roles, logins, factors, their reset, events, emails, a
    # suppression and a new address; and the record of the look.
    "/staff/people/{id}": 15,
    "/staff/events": 3,
    # The user, and the record of the look.
    "/staff/events?user={id}": 7,
    "/staff/jobs": 3,
    "/staff/mails": 3,
    # The last runs, and the jobs that wait.
    "/staff/schedules": 4,
}


@pytest.mark.parametrize(("path", "statements"), STATEMENTS.items(), ids=STATEMENTS)
def test_a_page_of_staff_stays_within_its_budget(
    path: str,
    statements: int,
    as_admin: Client,
    alice: User,
    is_postgresql: bool,
    trace_sql: Callable[[Application], SqlTrace],
) -> None:
    as_admin.get("/account")  # The first page sets the session cookie for the forms.
    watched = trace_sql(as_admin.application)
    assert as_admin.get(path.format(id=alice.id)).status_code in {200, 303}
    # SQLite begins the record of the look with a statement of its own.
    begun = 1 if "INSERT" in watched.keywords and not is_postgresql else 0
    assert len(watched.statements) == statements + begun, watched.keywords


def test_a_second_look_records_nothing(
    as_admin: Client, alice: User, trace_sql: Callable[[Application], SqlTrace]
) -> None:
    path = f"/staff/people/{alice.id}"
    as_admin.get(path)
    watched = trace_sql(as_admin.application)
    as_admin.get(path)
    assert "INSERT" not in watched.keywords
