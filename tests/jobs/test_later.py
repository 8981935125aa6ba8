"""Work for later: part of the unit that asks for it, done once it is committed."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Blueprint, abort
from flask.typing import ResponseReturnValue
from flask_babel import force_locale

from app.application import Application
from app.clock import now
from app.database import ReadOnlyRequest, db
from app.jobs.later import QUEUE, ArgumentRefused, run_later
from app.jobs.models import Job
from app.sessions.guards import public
from app.unit_of_work import commit_later, unit_of_work
from app.users.models import User
from tests.conftest import Clock, visitor
from tests.jobs.work import rename, rename_after_cause, rename_and_fail
from tests.wire import Wire

Jobs = Callable[[], list[Job]]
NameOf = Callable[[User], str]
MakeApp = Callable[..., Application]


def view(work: Callable[[], object]) -> Blueprint:
    """Return a page at /do that does this and asks for the commit, without any CSRF token."""
    blueprint = Blueprint("do", __name__)

    @blueprint.route("/do", methods=["GET", "POST"])
    @public
    def do() -> ResponseReturnValue:
        work()
        commit_later()
        return {}

    return blueprint


def work_off(application: Application) -> list[str]:
    with application.app_context():
        return list(iter(QUEUE.work_next, None))


def ask(application: Application, function: Callable[..., None], *arguments: object) -> None:
    with application.app_context(), unit_of_work():
        run_later(function, *arguments)


def test_a_job_is_done_after_the_commit(make_app: MakeApp, alice: User, name_of: NameOf) -> None:
    application = make_app(view(lambda: run_later(rename, alice.id, "Al")), WTF_CSRF_ENABLED=False)
    assert visitor(application).post("/do").status_code == 200
    assert name_of(alice) == ""
    assert work_off(application) == ["done"]
    assert name_of(alice) == "Al"


def test_a_job_costs_its_request_one_statement(
    make_app: MakeApp, alice: User, wire: Callable[[Application], Wire]
) -> None:
    application = make_app(view(lambda: run_later(rename, alice.id, "Al")), WTF_CSRF_ENABLED=False)
    watched = wire(application)
    visitor(application).post("/do")
    assert watched.verbs == ["BEGIN", "INSERT", "COMMIT"]


def test_a_view_that_aborts_asked_for_nothing(make_app: MakeApp, alice: User, jobs: Jobs) -> None:
    def ask_and_abort() -> None:
        run_later(rename, alice.id, "Al")
        db.session.flush()
        abort(400)

    application = make_app(view(ask_and_abort), WTF_CSRF_ENABLED=False)
    assert visitor(application).post("/do").status_code == 400
    assert jobs() == []


def test_a_refused_commit_asked_for_nothing(make_app: MakeApp, alice: User, jobs: Jobs) -> None:
    def ask_and_clash() -> None:
        run_later(rename, alice.id, "Al")
        db.session.add(User(email=alice.email))

    application = make_app(view(ask_and_clash), WTF_CSRF_ENABLED=False)
    assert visitor(application).post("/do").status_code == 409
    assert jobs() == []


def test_a_page_that_only_reads_cannot_ask_for_work(make_app: MakeApp, alice: User) -> None:
    application = make_app(view(lambda: run_later(rename, alice.id, "Al")))
    with pytest.raises(ReadOnlyRequest, match="in a request that only reads"):
        visitor(application).get("/do")


@pytest.mark.parametrize("value", [now(), b"bytes", {1: "a"}, {"a": {2}}, float("nan")])
def test_what_json_cannot_carry_is_refused_at_once(app: Application, value: Any) -> None:
    with app.app_context(), pytest.raises(ArgumentRefused, match="is no plain value"):
        run_later(rename, 1, value)


def test_a_user_is_no_plain_value(app: Application, alice: User) -> None:
    with app.app_context(), pytest.raises(ArgumentRefused, match="ids, numbers, text"):
        run_later(rename, alice, "Al")


def test_a_call_that_cannot_work_is_refused_at_once(app: Application) -> None:
    with app.app_context(), pytest.raises(TypeError, match="missing a required argument"):
        run_later(rename, 1)
    with app.app_context(), pytest.raises(TypeError, match="mark it with @job"):
        run_later(work_off)


def test_a_job_knows_the_request_and_the_language_of_its_cause(
    make_app: MakeApp, alice: User, name_of: NameOf
) -> None:
    def ask_in_german() -> None:
        with force_locale("de"):
            run_later(rename_after_cause, alice.id)

    application = make_app(view(ask_in_german), WTF_CSRF_ENABLED=False)
    response = visitor(application).post("/do")
    work_off(application)
    assert name_of(alice) == f"{response.headers['X-Request-ID']} de"


def test_a_job_that_fails_leaves_nothing_and_is_tried_again_later(
    app: Application, alice: User, name_of: NameOf, jobs: Jobs, clock: Clock
) -> None:
    ask(app, rename_and_fail, alice.id)
    assert work_off(app) == ["waiting"]
    assert (name_of(alice), jobs()[0].last_error) == ("", "RuntimeError: the printer is on fire")
    assert work_off(app) == []
    clock.forward(minutes=1)
    assert work_off(app) == ["waiting"]


def test_each_delay_is_twice_as_long_and_none_over_six_hours(
    make_app: MakeApp, alice: User, jobs: Jobs, clock: Clock
) -> None:
    application = make_app(JOB_ATTEMPT_LIMIT=12)
    ask(application, rename_and_fail, alice.id)
    delays = []
    for _ in range(11):
        work_off(application)
        [job] = jobs()
        assert job.next_attempt_at
        delays.append(round((job.next_attempt_at - now()).total_seconds() / 60))
        clock.forward(minutes=delays[-1])
    assert delays == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]


def test_a_job_that_always_fails_is_given_up_until_somebody_says_otherwise(
    make_app: MakeApp, alice: User, jobs: Jobs, clock: Clock
) -> None:
    application = make_app(JOB_ATTEMPT_LIMIT=2)
    ask(application, rename_and_fail, alice.id)
    work_off(application)
    clock.forward(days=1)
    assert work_off(application) == ["given-up"]
    clock.forward(days=1)
    assert work_off(application) == []
    with application.app_context(), unit_of_work():
        assert QUEUE.retry(jobs()[0].id) == 1
    assert work_off(application) == ["waiting"]


def test_a_job_that_nobody_knows_any_more_waits_for_who_does(app: Application, jobs: Jobs) -> None:
    with app.app_context():
        QUEUE.put(Job(name="forgotten", arguments=[]))
    assert work_off(app) == ["waiting"]
    assert jobs()[0].last_error == "JobUnknown: No job is called forgotten."


def test_a_job_that_outlives_its_claim_is_undone_and_done_by_the_next(
    app: Application, alice: User, name_of: NameOf, jobs: Jobs, clock: Clock
) -> None:
    ask(app, rename, alice.id, "Al")
    with app.app_context():
        taken_for_dead = QUEUE.claim()
        clock.forward(minutes=16)
        successor = QUEUE.claim()
        QUEUE._attempt(taken_for_dead)
        assert (name_of(alice), jobs()[0].state) == ("", "waiting")
        QUEUE._attempt(successor)
    assert (name_of(alice), jobs()[0].state, jobs()[0].attempts) == ("Al", "done", 2)


def test_done_jobs_are_forgotten_after_a_month(
    app: Application, alice: User, jobs: Jobs, clock: Clock
) -> None:
    ask(app, rename, alice.id, "Al")
    work_off(app)
    ask(app, rename_and_fail, alice.id)
    clock.forward(days=31)
    with app.app_context():
        assert QUEUE.prune() == 1
    assert [job.state for job in jobs()] == ["waiting"]
