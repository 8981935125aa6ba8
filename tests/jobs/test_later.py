"""Jobs are part of the unit of work that queues them, and run once it is committed."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import abort
from flask_babel import force_locale

from app.application import Application
from app.clock import now
from app.database import db
from app.jobs.later import QUEUE, ArgumentRefused, run_later
from app.jobs.models import Job
from app.unit_of_work import ReadOnlyRequest, unit_of_work
from app.users.models import User
from tests.conftest import Clock, visitor
from tests.jobs.sample_jobs import rename, rename_and_fail, rename_to_request_and_locale
from tests.sql_trace import SqlTrace
from tests.view_site import view_of

Jobs = Callable[[], list[Job]]
NameOf = Callable[[User], str]
MakeApp = Callable[..., Application]


def process_all(application: Application) -> list[str]:
    with application.app_context():
        return list(iter(QUEUE.process_next, None))


def queue(application: Application, function: Callable[..., None], *arguments: object) -> None:
    with application.app_context(), unit_of_work():
        run_later(function, *arguments)


def test_a_job_runs_after_the_commit(make_app: MakeApp, alice: User, name_of: NameOf) -> None:
    application = make_app(
        view_of(lambda: run_later(rename, alice.id, "Al")), WTF_CSRF_ENABLED=False
    )
    assert visitor(application).post("/do").status_code == 200
    assert name_of(alice) == ""
    assert process_all(application) == ["done"]
    assert name_of(alice) == "Al"


def test_a_job_costs_its_request_one_statement(
    make_app: MakeApp, alice: User, trace_sql: Callable[[Application], SqlTrace]
) -> None:
    application = make_app(
        view_of(lambda: run_later(rename, alice.id, "Al")), WTF_CSRF_ENABLED=False
    )
    watched = trace_sql(application)
    visitor(application).post("/do")
    assert watched.keywords == ["BEGIN", "INSERT", "COMMIT"]


def test_a_view_that_aborts_queues_no_job(make_app: MakeApp, alice: User, jobs: Jobs) -> None:
    def queue_and_abort() -> None:
        run_later(rename, alice.id, "Al")
        db.session.flush()
        abort(400)

    application = make_app(view_of(queue_and_abort), WTF_CSRF_ENABLED=False)
    assert visitor(application).post("/do").status_code == 400
    assert jobs() == []


def test_a_failed_commit_queues_no_job(make_app: MakeApp, alice: User, jobs: Jobs) -> None:
    def queue_and_violate_constraint() -> None:
        run_later(rename, alice.id, "Al")
        db.session.add(User(email=alice.email))

    application = make_app(view_of(queue_and_violate_constraint), WTF_CSRF_ENABLED=False)
    assert visitor(application).post("/do").status_code == 409
    assert jobs() == []


def test_a_get_request_cannot_queue_a_job(make_app: MakeApp, alice: User) -> None:
    application = make_app(view_of(lambda: run_later(rename, alice.id, "Al")))
    with pytest.raises(ReadOnlyRequest, match="A request that only reads"):
        visitor(application).get("/do")


@pytest.mark.parametrize("value", [now(), b"bytes", {1: "a"}, {"a": {2}}, float("nan")])
def test_an_argument_that_is_not_plain_json_is_refused_at_once(
    app: Application, value: Any
) -> None:
    with app.app_context(), pytest.raises(ArgumentRefused, match="is not a plain JSON value"):
        run_later(rename, 1, value)


def test_a_model_object_is_refused_as_argument(app: Application, alice: User) -> None:
    with app.app_context(), pytest.raises(ArgumentRefused, match="ids, numbers, text"):
        run_later(rename, alice, "Al")


def test_a_wrong_call_is_refused_at_once(app: Application) -> None:
    with app.app_context(), pytest.raises(TypeError, match="missing a required argument"):
        run_later(rename, 1)
    with app.app_context(), pytest.raises(TypeError, match="Mark it with @job"):
        run_later(process_all)


def test_a_job_has_the_request_id_and_language_it_was_queued_with(
    make_app: MakeApp, alice: User, name_of: NameOf
) -> None:
    def queue_in_french() -> None:
        with force_locale("fr"):
            run_later(rename_to_request_and_locale, alice.id)

    application = make_app(view_of(queue_in_french), WTF_CSRF_ENABLED=False)
    response = visitor(application).post("/do")
    process_all(application)
    assert name_of(alice) == f"{response.headers['X-Request-ID']} fr"


def test_a_failed_job_changes_nothing_and_is_retried_later(
    app: Application, alice: User, name_of: NameOf, jobs: Jobs, clock: Clock
) -> None:
    queue(app, rename_and_fail, alice.id)
    assert process_all(app) == ["waiting"]
    assert (name_of(alice), jobs()[0].last_error) == ("", "RuntimeError: the printer is on fire")
    assert process_all(app) == []
    clock.forward(minutes=1)
    assert process_all(app) == ["waiting"]


def test_delays_double_up_to_six_hours(
    make_app: MakeApp, alice: User, jobs: Jobs, clock: Clock
) -> None:
    application = make_app(JOB_ATTEMPT_LIMIT=12)
    queue(application, rename_and_fail, alice.id)
    delays = []
    for _ in range(11):
        process_all(application)
        [job] = jobs()
        assert job.next_attempt_at
        delays.append(round((job.next_attempt_at - now()).total_seconds() / 60))
        clock.forward(minutes=delays[-1])
    assert delays == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]


def test_a_job_that_always_fails_is_given_up_until_it_is_retried_by_hand(
    make_app: MakeApp, alice: User, jobs: Jobs, clock: Clock
) -> None:
    application = make_app(JOB_ATTEMPT_LIMIT=2)
    queue(application, rename_and_fail, alice.id)
    process_all(application)
    clock.forward(days=1)
    assert process_all(application) == ["given-up"]
    clock.forward(days=1)
    assert process_all(application) == []
    with application.app_context(), unit_of_work():
        assert QUEUE.retry(jobs()[0].id) == 1
    assert process_all(application) == ["waiting"]


def test_a_job_with_an_unknown_name_is_postponed(app: Application, jobs: Jobs) -> None:
    with app.app_context():
        QUEUE.put(Job(name="forgotten", arguments=[]))
    assert process_all(app) == ["waiting"]
    assert jobs()[0].last_error == "JobUnknown: There is no job named forgotten."


def test_a_job_that_outlives_its_claim_is_rolled_back_and_run_by_the_next_worker(
    app: Application, alice: User, name_of: NameOf, jobs: Jobs, clock: Clock
) -> None:
    queue(app, rename, alice.id, "Al")
    with app.app_context():
        first_claim = QUEUE.claim()
        clock.forward(minutes=16)
        second_claim = QUEUE.claim()
        QUEUE._attempt(first_claim)
        assert (name_of(alice), jobs()[0].state) == ("", "waiting")
        QUEUE._attempt(second_claim)
    assert (name_of(alice), jobs()[0].state, jobs()[0].attempts) == ("Al", "done", 2)


def test_a_job_that_is_given_up_while_it_runs_is_rolled_back(
    app: Application, alice: User, name_of: NameOf, jobs: Jobs
) -> None:
    queue(app, rename, alice.id, "Al")
    with app.app_context():
        claim = QUEUE.claim()
        with unit_of_work():
            assert QUEUE.give_up(claim.id)
            assert not QUEUE.give_up(claim.id)
        QUEUE._attempt(claim)
    assert (name_of(alice), jobs()[0].state) == ("", "given-up")


def test_done_jobs_are_deleted_after_a_month(
    app: Application, alice: User, jobs: Jobs, clock: Clock
) -> None:
    queue(app, rename, alice.id, "Al")
    process_all(app)
    queue(app, rename_and_fail, alice.id)
    clock.forward(days=31)
    with app.app_context():
        assert QUEUE.prune() == 1
    assert [job.state for job in jobs()] == ["waiting"]
