"""The lists of staff are as fast with many rows: each query finds its rows by an index."""

from collections.abc import Callable

import pytest
from sqlalchemy import null

from app.application import Application
from app.database import db
from app.jobs.models import Job
from app.mail.models import Message
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.client import Client
from tests.databases import on_postgresql
from tests.query_plans import Statements, scans
from tests.query_plans import statements as statements
from tests.sql_trace import SqlTrace
from tests.staff.buttons import press
from tests.staff.conftest import act
from tests.two_factor.phones import phone_of

LISTS = [
    "people",
    "people?q=ali",
    "events",
    "jobs",
    "jobs?state=given-up",
    "mails",
    "mails?q=ali",
    "mails?state=sent",
]


def add_given_up(app: Application) -> tuple[int, int]:
    """Store a job and an email that were given up; return their ids."""
    common = {"state": "given-up", "next_attempt_at": null(), "locale": "en"}
    job = Job(name="rename", arguments=[], **common)
    content = {"sender": "", "subject": "", "text": "", "html": ""}
    mail = Message(name="accounts/mail/notice", recipient="alice@example.com", **content, **common)
    with app.app_context(), unit_of_work():
        db.session.add_all([job, mail])
        db.session.flush()
        return job.id, mail.id


@on_postgresql
def test_no_list_of_staff_scans_a_table(
    app: Application, as_admin: Client, alice: User, statements: Statements, database_url: str
) -> None:
    job_id, mail_id = add_given_up(app)
    phone_of(app, alice)
    for page in [
        f"people/{alice.id}",
        *LISTS,
        "mails?q=ali&state=sent",
        f"events?user={alice.id}",
        "schedules",
    ]:
        as_admin.page(f"/staff/{page}")
    for action in ("send-reset", "end-logins", "grant-role", "revoke-role", "reset-factors"):
        assert act(as_admin, alice, action, role="support").status_code == 303
    press(as_admin, "/staff/jobs", f"/{job_id}/retry")
    press(as_admin, "/staff/jobs", f"/{job_id}/give-up")
    press(as_admin, "/staff/mails", f"/{mail_id}/send-again")
    press(as_admin, "/staff/schedules", "/prune/run")
    assert len(statements) > 20
    assert not scans(database_url, statements)


# The login, the permissions, and the rows; schedules also read which jobs wait.
@pytest.mark.parametrize(("page", "count"), [*((it, 3) for it in LISTS), ("schedules", 4)])
def test_a_list_costs_the_same_with_many_rows(
    app: Application,
    as_admin: Client,
    trace_sql: Callable[[Application], SqlTrace],
    page: str,
    count: int,
) -> None:
    as_admin.page(f"/staff/{page}")
    for _ in range(5):
        add_given_up(app)
    watched = trace_sql(app)
    as_admin.page(f"/staff/{page}")
    assert watched.keywords == ["SELECT"] * count
