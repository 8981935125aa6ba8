"""Staff see background jobs, retry those that were given up, and give up those that wait."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import sleep

import pytest
from sqlalchemy import null, select
from sqlalchemy.exc import InvalidRequestError

from app.application import Application
from app.audit.models import SecurityEvent
from app.clock import now
from app.database import db
from app.jobs.later import QUEUE, job, run_later
from app.jobs.models import Job
from app.jobs.queued import GIVEN_UP
from app.roles.models import RoleHeld
from app.staff.work import jobs_in_state
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.client import Client
from tests.jobs.sample_jobs import rename
from tests.races import LOCK_WAIT
from tests.staff.buttons import press

Add = Callable[..., int]
StateOf = Callable[[int], str]
WAIT = 10  # seconds, at most
started, may_end = Event(), Event()


@job
def rename_when_told(user_id: int) -> None:
    """Change a row, then wait, in the middle of the unit of work of the job."""
    rename(user_id, "Al")
    db.session.flush()
    started.set()
    may_end.wait(WAIT)


@job
def wait_then_rename(user_id: int) -> None:
    """Wait before the first query, so that the job has no lock yet."""
    started.set()
    may_end.wait(WAIT)
    rename(user_id, "Al")


@pytest.fixture(autouse=True)
def nothing_runs() -> None:
    started.clear()
    may_end.clear()


@pytest.fixture
def add(app: Application) -> Add:
    """Store a job in a state: add("given-up"); return its id."""

    def store(state: str = "waiting", name: str = "rename", **values: object) -> int:
        ended = {"next_attempt_at": null(), "ended_at": now()} if state != "waiting" else {}
        row = Job(name=name, arguments=["secret"], state=state, locale="en", **ended, **values)
        with app.app_context(), unit_of_work():
            db.session.add(row)
            db.session.flush()
            return row.id

    return store


@pytest.fixture
def state_of(app: Application) -> StateOf:
    def read(job_id: int) -> str:
        with app.app_context():
            return db.session.get_one(Job, job_id).state

    return read


@pytest.fixture
def recorded(app: Application) -> Callable[[], list[tuple[str, str, bool]]]:
    """Read the action, the job, and whether staff acted, of the events of no user."""

    def read() -> list[tuple[str, str, bool]]:
        with app.app_context():
            events = db.session.scalars(
                select(SecurityEvent).where(SecurityEvent.user_id.is_(None))
            )
            return [(it.action, it.details["about"], it.actor_id is not None) for it in events]

    return read


def test_jobs_are_listed_without_their_arguments(as_admin: Client, add: Add) -> None:
    add("given-up", attempts=8, last_error="RuntimeError: the printer is on fire")
    page = as_admin.page("/staff/jobs")
    assert "rename Given up" in page.text
    assert "8 attempts" in page.text
    assert "Last error: RuntimeError: the printer is on fire" in page.text
    assert "secret" not in page.html


def test_the_arguments_cannot_be_read_from_a_row_of_the_list(app: Application, add: Add) -> None:
    add("given-up")
    with app.app_context():
        stored = db.session.scalars(jobs_in_state(None)).one()
        with pytest.raises(InvalidRequestError, match="arguments"):
            stored.arguments  # noqa: B018  # reads it


def test_the_newest_job_is_first(as_admin: Client, add: Add) -> None:
    add(name="older")
    add(name="newer")
    text = as_admin.page("/staff/jobs").text
    assert text.index("newer") < text.index("older")


def test_jobs_are_filtered_by_state(as_admin: Client, add: Add) -> None:
    names = {state: f"job-{state}" for state in ("waiting", "done", "given-up")}
    for state, name in names.items():
        add(state, name)
    for state, name in names.items():
        text = as_admin.page(f"/staff/jobs?state={state}").text
        assert [it for it in names.values() if it in text] == [name]
    assert all(name in as_admin.page("/staff/jobs?state=x").text for name in names.values())


def test_names_and_errors_are_shown_as_text(as_admin: Client, add: Add) -> None:
    add("given-up", "<b>name</b>", last_error="<script>alert(1)</script>")
    page = as_admin.page("/staff/jobs")
    assert "<script>alert(1)</script>" in page.text
    assert "<b>" not in page.html
    assert "<script>alert" not in page.html


def test_a_job_that_was_given_up_is_retried(
    app: Application, as_admin: Client, add: Add, state_of: StateOf, recorded: Callable[[], object]
) -> None:
    job_id = add("given-up")
    text = press(as_admin, "/staff/jobs", f"/{job_id}/retry")
    assert "The job will run again in a moment." in text
    with app.app_context():
        assert QUEUE.claim()
    assert (state_of(job_id), recorded()) == ("waiting", [("job.retried", "rename", True)])


def test_a_job_that_waits_is_given_up(
    app: Application, as_admin: Client, add: Add, state_of: StateOf, recorded: Callable[[], object]
) -> None:
    job_id = add()
    assert "The job is given up." in press(as_admin, "/staff/jobs", f"/{job_id}/give-up")
    with app.app_context():
        assert QUEUE.claim() is None
    assert (state_of(job_id), recorded()) == ("given-up", [("job.given_up", "rename", True)])


@pytest.mark.parametrize(("action", "state"), [("retry", "given-up"), ("give-up", "waiting")])
def test_a_form_that_is_sent_twice_acts_once(
    as_admin: Client, add: Add, recorded: Callable[[], list[object]], action: str, state: str
) -> None:
    path = f"/{add(state)}/{action}"
    press(as_admin, "/staff/jobs", path)
    assert "Nothing was changed: this has been done already." in press(
        as_admin, "/staff/jobs", path
    )
    assert len(recorded()) == 1


def test_retrying_a_job_that_is_done_by_now_changes_nothing(
    as_admin: Client, add: Add, state_of: StateOf
) -> None:
    job_id = add("done")
    assert "Nothing was changed" in press(as_admin, "/staff/jobs", f"/{job_id}/retry")
    assert state_of(job_id) == "done"


def test_a_job_that_is_done_by_now_cannot_be_given_up(
    as_admin: Client, add: Add, state_of: StateOf, recorded: Callable[[], list[object]]
) -> None:
    job_id, form = add("done"), {"csrf_token": as_admin.csrf_token("/staff/jobs")}
    response = as_admin.post(f"/staff/jobs/{job_id}/give-up", data=form)
    assert response.status_code == 409
    assert "This job is done by now, so it cannot be given up." in response.text
    assert (state_of(job_id), recorded()) == ("done", [])


def test_an_action_leads_back_to_the_filter(as_admin: Client, add: Add) -> None:
    add("given-up")
    page = as_admin.page("/staff/jobs?state=given-up&_external=1")
    [action] = [it.get("action") for it in page.all("form") if "/retry" in it.get("action")]
    form = {"csrf_token": as_admin.csrf_token("/staff/jobs")}
    assert as_admin.post(action, data=form).location == "/staff/jobs?state=given-up"


@pytest.mark.parametrize("action", ["retry", "give-up"])
def test_a_job_that_is_deleted_by_now_does_not_exist(as_admin: Client, action: str) -> None:
    form = {"csrf_token": as_admin.csrf_token("/staff/jobs")}
    assert as_admin.post(f"/staff/jobs/12345/{action}", data=form).status_code == 404


@pytest.mark.parametrize("action", ["retry", "give-up"])
def test_support_neither_sees_nor_changes_jobs(
    as_support: Client, add: Add, state_of: StateOf, action: str
) -> None:
    job_id = add("given-up" if action == "retry" else "waiting")
    as_support.page("/staff/jobs", status=404)
    form = {"csrf_token": as_support.csrf_token("/preferences")}
    assert as_support.post(f"/staff/jobs/{job_id}/{action}", data=form).status_code == 404
    assert state_of(job_id) == ("given-up" if action == "retry" else "waiting")


def test_a_permission_that_is_revoked_while_the_request_waits_does_not_count(
    app: Application, staff: Callable[[str], User], as_admin: Client, add: Add, state_of: StateOf
) -> None:
    job_id, form = add(), {"csrf_token": as_admin.csrf_token("/staff/jobs")}
    with ThreadPoolExecutor(1) as other:
        with app.app_context(), unit_of_work():
            held = db.session.scalars(select(RoleHeld)).one()
            db.session.execute(select(User.id).where(User.id == held.user_id).with_for_update())
            db.session.delete(held)
            db.session.flush()
            sent = other.submit(as_admin.post, f"/staff/jobs/{job_id}/give-up", data=form)
            sleep(LOCK_WAIT)
            assert not sent.done(), "it waits for the lock"
        assert sent.result().status_code == 404
    assert state_of(job_id) == "waiting"


# --- While a worker runs the job


def process(app: Application) -> str | None:
    with app.app_context():
        return QUEUE.process_next()


def queue(app: Application, function: Callable[[int], None], user: User) -> int:
    with app.app_context(), unit_of_work():
        run_later(function, user.id)
        return db.session.scalars(select(Job.id)).one()


def name_of(app: Application, user: User) -> str:
    with app.app_context():
        return db.session.get_one(User, user.id).display_name


def test_a_job_that_is_given_up_while_it_runs_changes_nothing(
    app: Application, as_admin: Client, alice: User, state_of: StateOf
) -> None:
    job_id = queue(app, wait_then_rename, alice)
    with ThreadPoolExecutor(1) as worker:
        running = worker.submit(process, app)
        assert started.wait(WAIT)
        assert "The job is given up." in press(as_admin, "/staff/jobs", f"/{job_id}/give-up")
        may_end.set()
        running.result()
    assert (state_of(job_id), name_of(app, alice)) == ("given-up", "")
    assert process(app) is None


def test_a_job_that_has_written_when_it_is_given_up_is_rolled_back_or_done_never_both(
    app: Application, as_admin: Client, alice: User, state_of: StateOf, is_postgresql: bool
) -> None:
    """On SQLite the request waits for the unit of work of the job, which is done by then."""
    job_id = queue(app, rename_when_told, alice)
    form = {"csrf_token": as_admin.csrf_token("/staff/jobs")}
    with ThreadPoolExecutor(2) as others:
        running = others.submit(process, app)
        assert started.wait(WAIT)
        sent = others.submit(as_admin.post, f"/staff/jobs/{job_id}/give-up", data=form)
        sleep(LOCK_WAIT)
        assert sent.done() == is_postgresql
        may_end.set()
        running.result()
        status = sent.result().status_code
    outcome = (status, state_of(job_id), name_of(app, alice))
    assert outcome == ((303, "given-up", "") if is_postgresql else (409, "done", "Al"))


def test_giving_up_waits_for_a_job_that_is_marking_itself_as_done(
    app: Application, as_admin: Client, alice: User, state_of: StateOf
) -> None:
    job_id = queue(app, rename_when_told, alice)
    form = {"csrf_token": as_admin.csrf_token("/staff/jobs")}
    with app.app_context():
        row = QUEUE.claim()
    with ThreadPoolExecutor(1) as other:
        with app.app_context(), unit_of_work():
            QUEUE.mark_done(row)
            sent = other.submit(as_admin.post, f"/staff/jobs/{job_id}/give-up", data=form)
            sleep(LOCK_WAIT)
            assert not sent.done(), "it waits for the lock"
        assert sent.result().status_code == 409
    assert state_of(job_id) == "done"


def test_a_job_that_is_given_up_and_retried_while_it_runs_is_done_once(
    app: Application, as_admin: Client, alice: User, state_of: StateOf
) -> None:
    job_id = queue(app, wait_then_rename, alice)
    with ThreadPoolExecutor(2) as workers:
        first = workers.submit(process, app)
        assert started.wait(WAIT)
        press(as_admin, "/staff/jobs", f"/{job_id}/give-up")
        press(as_admin, "/staff/jobs", f"/{job_id}/retry")
        started.clear()
        second = workers.submit(process, app)
        assert started.wait(WAIT), "a second worker has claimed it"
        may_end.set()
        assert {first.result(), second.result()} == {"done", "waiting"}
    assert (state_of(job_id), name_of(app, alice)) == ("done", "Al")


def test_a_worker_of_a_job_that_was_given_up_does_not_postpone_it(
    app: Application, as_admin: Client, add: Add, state_of: StateOf
) -> None:
    job_id = add(name="rename_and_fail")
    with app.app_context():
        row = QUEUE.claim()
        press(as_admin, "/staff/jobs", f"/{job_id}/give-up")
        QUEUE._attempt(row)
        db.session.expire_all()
        assert db.session.get_one(Job, job_id).next_attempt_at is None
    assert state_of(job_id) == GIVEN_UP
