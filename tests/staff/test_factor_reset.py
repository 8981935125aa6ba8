"""Staff reset second factors that were lost: after a delay, or two members of staff at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from time import sleep

import pytest
from flask_babel import format_datetime
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.application import Application
from app.audit.models import SecurityEvent
from app.clock import now
from app.database import db
from app.jobs.queue import queues
from app.mail.models import Message
from app.staff.factor_reset import (
    carry_out_factor_reset,
    reset_due_factors,
    void_factor_reset,
)
from app.staff.models import FactorReset
from app.two_factor.factors import has_second_factor
from app.unit_of_work import unit_of_work
from app.users.accounts import lock_user
from app.users.models import User
from app.users.scheduled_deletions import Deletion
from tests.client import Client
from tests.conftest import PASSWORD, Clock, signed_in, visitor
from tests.emailed_links import PASSPHRASE
from tests.page import Page
from tests.races import LOCK_WAIT
from tests.simultaneous_requests import at_once
from tests.staff.conftest import act, fields_of
from tests.two_factor.phones import phone_of

EventsOf = Callable[[User], list[SecurityEvent]]
Mailed = Callable[[str], list[Message]]
Staff = Callable[..., User]
KEEP = "/two-factor/keep"


@pytest.fixture
def alice(app: Application, alice: User) -> User:
    """Alice, with an authenticator app."""
    phone_of(app, alice)
    return alice


@pytest.fixture
def run_due(app: Application) -> Callable[[], None]:
    """Do what the schedule does, and the jobs that it queues."""

    def run() -> None:
        with app.app_context():
            with unit_of_work():
                reset_due_factors()
            for queue in queues.items(app):
                while queue.name == "jobs" and queue.process_next():
                    pass

    return run


def has_factor(app: Application, user: User) -> bool:
    with app.app_context():
        return has_second_factor(user)


def names(events: list[SecurityEvent]) -> list[str]:
    return [
        event.action
        for event in events
        if event.action.partition(".")[0] in {"factor_reset", "second_factors"}
    ]


def test_a_reset_takes_effect_after_the_delay(
    app: Application,
    as_admin: Client,
    alice: User,
    clock: Clock,
    run_due: Callable[[], None],
    events_of: EventsOf,
    mailed: Mailed,
) -> None:
    act(as_admin, alice, "reset-factors", reason="Lost the phone.")
    clock.forward(hours=23)
    run_due()
    assert has_factor(app, alice)
    clock.forward(hours=2)
    run_due()
    assert not has_factor(app, alice)
    events = {event.action: event for event in events_of(alice)}
    assert events["factor_reset.requested"].details == {"reason": "Lost the phone."}
    done = events["second_factors.reset"]
    assert (done.by_staff, done.actor_id) == (
        True,
        events["factor_reset.requested"].actor_id,
    )
    assert [mail.subject for mail in mailed(alice.email)[-2:]] == [
        "Two-factor authentication will be removed",
        "Two-factor authentication reset",
    ]


def test_the_owner_stops_the_reset_by_the_link_in_the_email(
    app: Application,
    as_admin: Client,
    alice: User,
    clock: Clock,
    run_due: Callable[[], None],
    link: Callable[[str], str],
    events_of: EventsOf,
) -> None:
    act(as_admin, alice, "reset-factors")
    path = link(alice.email)
    browser = visitor(app)
    assert browser.get(path).status_code == 200
    assert browser.submit(path).status_code == 303
    assert browser.get(path).status_code == 410
    clock.forward(days=2)
    run_due()
    assert has_factor(app, alice)
    assert names(events_of(alice)) == ["factor_reset.requested", "factor_reset.stopped"]


def keep_by_link(browser: Client, link: str) -> TestResponse:
    return browser.submit(link)


def keep_on_page(browser: Client, link: str) -> TestResponse:
    """Press the button of the notice on the page of two-factor authentication."""
    return browser.post(KEEP, data=browser.page("/two-factor").fields_for(KEEP))


WAYS = [keep_by_link, keep_on_page]


@pytest.mark.parametrize("keep", WAYS)
def test_the_link_and_the_button_stop_the_reset_in_the_same_way(
    app: Application,
    as_admin: Client,
    alice: User,
    clock: Clock,
    run_due: Callable[[], None],
    link: Callable[[str], str],
    events_of: EventsOf,
    mailed: Mailed,
    keep: Callable[[Client, str], TestResponse],
) -> None:
    act(as_admin, alice, "reset-factors")
    browser, path = signed_in(app, alice), link(alice.email)
    response = keep(browser, path)
    assert response.status_code == 303
    assert "Two-factor authentication stays on." in browser.page("/two-factor").text
    assert mailed(alice.email)[-1].subject == "Two-factor authentication: reset stopped"
    assert browser.get(path).status_code == 410
    clock.forward(days=2)
    run_due()
    assert has_factor(app, alice)
    assert names(events_of(alice)) == ["factor_reset.requested", "factor_reset.stopped"]
    assert [event.by_staff for event in events_of(alice)][-1] is False


def test_the_owner_sees_the_reset_on_the_page_but_not_who_requested_it(
    app: Application, as_admin: Client, alice: User
) -> None:
    browser = signed_in(app, alice)
    assert "Our staff" not in browser.page("/two-factor").text + browser.page("/account").text
    act(as_admin, alice, "reset-factors", reason="Lost the phone.")
    with app.test_request_context():
        reset = db.session.get_one(FactorReset, alice.id)
        when = " ".join(format_datetime(reset.due_at, "medium").split())
    notice, entry = browser.page("/two-factor"), browser.page("/account")
    assert f"Our staff will remove two-factor authentication from your account on {when}" in (
        notice.text
    )
    assert f"Our staff will remove it on {when}, unless you stop this." in entry.text
    for shown in (notice.html, entry.html):
        assert "admin@example.com" not in shown
        assert "Lost the phone." not in shown


def test_pressing_the_button_twice_stops_the_reset_once_and_says_so(
    app: Application, as_admin: Client, alice: User, events_of: EventsOf, mailed: Mailed
) -> None:
    act(as_admin, alice, "reset-factors")
    browser = signed_in(app, alice)
    form = browser.page("/two-factor").fields_for(KEEP)
    for _ in range(2):
        assert browser.post(KEEP, data=form).location == "/two-factor"
    assert "Nothing was changed: no reset" in browser.page("/two-factor").text
    assert names(events_of(alice)) == ["factor_reset.requested", "factor_reset.stopped"]
    stopped = [it for it in mailed(alice.email) if it.subject.endswith("reset stopped")]
    assert len(stopped) == 1


@pytest.mark.parametrize("required", [False, True])
def test_a_button_that_is_pressed_after_the_reset_says_that_it_has_run(
    make_app: Callable[..., Application],
    as_admin: Client,
    alice: User,
    clock: Clock,
    run_due: Callable[[], None],
    required: bool,
) -> None:
    """The reset has ended the login, so that the form continues after the next sign-in."""
    act(as_admin, alice, "reset-factors")
    site = make_app(REQUIRE_SECOND_FACTOR=required)
    clock.forward(days=1)
    browser = signed_in(site, alice)
    form = browser.page("/two-factor").fields_for(KEEP)
    run_due()
    response = browser.post(KEEP, data=form)
    assert response.status_code == 401
    given = {"email": alice.email, "password": PASSWORD}
    again = browser.post("/login", data=Page(response.text).fields_for("/login") | given)
    assert browser.post(KEEP, data=Page(again.text).fields_for(KEEP)).location == "/two-factor"
    text = browser.page("/two-factor").text
    assert "Nothing was changed: two-factor authentication is off." in text


def test_the_button_requires_a_recent_authentication(
    app: Application, as_admin: Client, alice: User, clock: Clock, events_of: EventsOf
) -> None:
    act(as_admin, alice, "reset-factors")
    browser = signed_in(app, alice)
    form = browser.page("/two-factor").fields_for(KEEP)
    clock.forward(minutes=16)
    response = browser.post(KEEP, data=form)
    assert response.status_code == 401
    assert "Confirm it's you" in Page(response.text).text
    assert names(events_of(alice)) == ["factor_reset.requested"]


def test_the_button_stops_no_reset_of_another_user(
    app: Application, as_admin: Client, alice: User, bob: User
) -> None:
    act(as_admin, alice, "reset-factors")
    browser = signed_in(app, bob)
    assert "Our staff" not in browser.page("/two-factor").text
    response = browser.post(KEEP, data={"csrf_token": browser.csrf_token("/account")})
    assert "Nothing was changed" in browser.page(response.location).text
    with app.app_context():
        assert db.session.get(FactorReset, alice.id) is not None


def test_the_owner_can_stop_the_reset_after_choosing_a_new_password(
    app: Application, as_admin: Client, alice: User, link: Callable[[str], str]
) -> None:
    act(as_admin, alice, "reset-factors")
    stop, browser = link(alice.email), visitor(app)
    browser.submit("/reset", email=alice.email)
    assert browser.submit(link(alice.email), password=PASSPHRASE).status_code == 303
    assert browser.submit(stop).status_code == 303


def test_a_second_member_of_staff_confirms_the_reset_at_once(
    app: Application, as_admin: Client, staff: Staff, alice: User, events_of: EventsOf
) -> None:
    act(as_admin, alice, "reset-factors")
    other = signed_in(app, staff("admin", "other"))
    assert "Confirm two-factor reset" in other.page(f"/staff/people/{alice.id}").text
    act(other, alice, "reset-factors", reason="Checked the passport.")
    assert not has_factor(app, alice)
    [done] = [it for it in events_of(alice) if it.action == "second_factors.reset"]
    assert done.details == {"reason": "Checked the passport."}


def test_the_same_member_of_staff_cannot_confirm_it(
    app: Application, as_admin: Client, alice: User, events_of: EventsOf
) -> None:
    for _ in range(2):
        assert act(as_admin, alice, "reset-factors").status_code == 303
    assert has_factor(app, alice)
    assert names(events_of(alice)) == ["factor_reset.requested"]


def test_a_page_that_offered_a_reset_with_a_delay_does_not_confirm_one(
    app: Application, as_admin: Client, staff: Staff, alice: User
) -> None:
    other = signed_in(app, staff("admin", "other"))
    stale = {"reason": "x", **fields_of(other, alice)}
    act(as_admin, alice, "reset-factors")
    response = other.post(f"/staff/people/{alice.id}/reset-factors", data=stale)
    assert response.status_code == 409
    assert has_factor(app, alice)


def test_two_members_of_staff_who_request_a_reset_at_once_do_not_confirm_it(
    app: Application, as_admin: Client, staff: Staff, alice: User, events_of: EventsOf
) -> None:
    browsers = [as_admin, signed_in(app, staff("admin", "other"))]
    path = f"/staff/people/{alice.id}/reset-factors"
    forms = [{"reason": "x", **fields_of(browser, alice)} for browser in browsers]
    sent = (partial(it.post, path, data=form) for it, form in zip(browsers, forms, strict=True))
    assert at_once(*sent) == [303, 409]
    assert has_factor(app, alice)
    assert names(events_of(alice)) == ["factor_reset.requested"]


def test_a_reset_is_dropped_if_its_staff_lost_the_role(
    app: Application,
    as_admin: Client,
    staff: Staff,
    alice: User,
    clock: Clock,
    run_due: Callable[[], None],
    events_of: EventsOf,
) -> None:
    other = staff("admin", "other")
    act(signed_in(app, other), alice, "reset-factors")
    act(as_admin, other, "revoke-role", role="admin")
    clock.forward(days=2)
    run_due()
    assert has_factor(app, alice)
    assert names(events_of(alice)) == ["factor_reset.requested", "factor_reset.dropped"]


def test_disabling_the_account_drops_the_reset(
    app: Application, as_admin: Client, alice: User, clock: Clock, run_due: Callable[[], None]
) -> None:
    act(as_admin, alice, "reset-factors")
    act(as_admin, alice, "disable")
    act(as_admin, alice, "enable")
    clock.forward(days=2)
    run_due()
    assert has_factor(app, alice)


def test_a_reset_that_is_stopped_on_the_page_and_confirmed_at_once_ends_once(
    app: Application, as_admin: Client, staff: Staff, alice: User, events_of: EventsOf
) -> None:
    """If the confirmation is first, it ends the login of the owner, who is asked to sign in."""
    act(as_admin, alice, "reset-factors")
    owner, other = signed_in(app, alice), signed_in(app, staff("admin", "other"))
    form, confirmed = owner.page("/two-factor").fields_for(KEEP), fields_of(other, alice)
    path = f"/staff/people/{alice.id}/reset-factors"
    statuses = at_once(
        partial(owner.post, KEEP, data=form),
        partial(other.post, path, data={"reason": "x", **confirmed}),
    )
    kept = has_factor(app, alice)
    end = "factor_reset.stopped" if kept else "second_factors.reset"
    assert names(events_of(alice)) == ["factor_reset.requested", end]
    assert statuses == ([303, 409] if kept else [303, 401])


def test_a_reset_that_is_stopped_and_confirmed_at_once_ends_once(
    app: Application,
    as_admin: Client,
    staff: Staff,
    alice: User,
    link: Callable[[str], str],
    events_of: EventsOf,
) -> None:
    act(as_admin, alice, "reset-factors")
    owner, other, stop = visitor(app), signed_in(app, staff("admin", "other")), link(alice.email)
    stopped, confirmed = owner.page(stop).fields_for(stop), fields_of(other, alice)
    statuses = at_once(
        partial(owner.post, stop, data=stopped),
        partial(
            other.post,
            f"/staff/people/{alice.id}/reset-factors",
            data={"reason": "x", **confirmed},
        ),
    )
    end = "factor_reset.stopped" if has_factor(app, alice) else "second_factors.reset"
    assert names(events_of(alice)) == ["factor_reset.requested", end]
    assert statuses in ([303, 409], [303, 410])


def test_a_job_that_was_queued_for_an_earlier_reset_does_not_shorten_the_delay(
    app: Application, as_admin: Client, alice: User
) -> None:
    act(as_admin, alice, "reset-factors")
    with app.app_context(), unit_of_work():
        carry_out_factor_reset(alice.id)
    assert has_factor(app, alice)


def test_the_job_waits_for_an_owner_who_stops_the_reset(
    app: Application, as_admin: Client, alice: User, clock: Clock
) -> None:
    act(as_admin, alice, "reset-factors")
    clock.forward(days=2)

    def carry_out() -> None:
        with app.app_context(), unit_of_work():
            carry_out_factor_reset(alice.id)

    with ThreadPoolExecutor(1) as worker:
        with app.app_context(), unit_of_work():
            lock_user(alice)
            void_factor_reset(alice)
            running = worker.submit(carry_out)
            sleep(LOCK_WAIT)
            assert not running.done(), "it waits for the lock"
        running.result()
    assert has_factor(app, alice)


def test_a_reset_does_not_remove_a_factor_that_was_set_up_since(
    app: Application, as_admin: Client, alice: User, clock: Clock, run_due: Callable[[], None]
) -> None:
    act(as_admin, alice, "reset-factors")
    app.test_cli_runner().invoke(args=["users", "reset-factors", alice.email])
    phone_of(app, alice)
    clock.forward(days=2)
    run_due()
    assert has_factor(app, alice)


@pytest.mark.parametrize("end", ["disabled", "deleted"])
def test_a_reset_is_dropped_if_the_account_of_its_staff_has_ended(
    app: Application,
    staff: Staff,
    alice: User,
    clock: Clock,
    run_due: Callable[[], None],
    events_of: EventsOf,
    end: str,
) -> None:
    other = staff("admin", "other")
    act(signed_in(app, other), alice, "reset-factors")
    with app.app_context(), unit_of_work():
        row = db.session.get_one(User, other.id)
        if end == "deleted":
            db.session.delete(row)
        else:
            row.disabled_at = row.created_at
    clock.forward(days=2)
    run_due()
    assert has_factor(app, alice)
    assert names(events_of(alice)) == ["factor_reset.requested", "factor_reset.dropped"]


def test_a_reset_of_staff_who_lost_the_role_is_not_confirmed_but_requested_anew(
    app: Application,
    as_admin: Client,
    staff: Staff,
    alice: User,
    clock: Clock,
    run_due: Callable[[], None],
) -> None:
    other = staff("admin", "other")
    act(signed_in(app, other), alice, "reset-factors")
    act(as_admin, other, "revoke-role", role="admin")
    clock.forward(hours=10)
    admin = visitor(app)
    admin.sign_in("admin@example.com")
    act(admin, alice, "reset-factors")
    clock.forward(hours=20)
    run_due()
    assert has_factor(app, alice), "the delay has begun again"
    clock.forward(hours=5)
    run_due()
    assert not has_factor(app, alice)


@pytest.mark.parametrize("action", ["disable", "delete"])
def test_no_reset_of_an_unusable_account_is_requested(
    app: Application, as_admin: Client, alice: User, action: str
) -> None:
    """Its owner could not stop it: mailed links have no effect (S12)."""
    with app.app_context(), unit_of_work():
        user = db.session.get_one(User, alice.id)
        if action == "disable":
            user.disabled_at = user.created_at
        else:
            db.session.add(Deletion(user_id=user.id, due_at=now() + timedelta(days=7)))
    response = act(as_admin, alice, "reset-factors")
    assert response.status_code == 409
    assert "disabled or will be deleted" in response.text


def test_a_user_without_a_second_factor_has_none_to_reset(as_admin: Client, bob: User) -> None:
    response = act(as_admin, bob, "reset-factors")
    assert response.status_code == 409
    assert "This user has no second factor." in response.text


def test_the_delay_is_a_setting(
    make_app: Callable[..., Application], staff: Staff, alice: User
) -> None:
    site = make_app(FACTOR_RESET_DELAY="2h")
    act(signed_in(site, staff("admin")), alice, "reset-factors")
    with site.app_context():
        row = db.session.get_one(FactorReset, alice.id)
        assert (row.due_at - row.requested_at).total_seconds() == pytest.approx(7200, abs=2)


def test_an_account_that_another_part_keeps_also_keeps_its_reset(
    app: Application, as_admin: Client, alice: User
) -> None:
    """The last admin cannot be deleted, and a refusal changes nothing."""
    with app.app_context(), unit_of_work():
        admin = db.session.scalars(select(User).where(User.email == "admin@example.com")).one()
        db.session.add(FactorReset(user_id=admin.id, requested_by=alice.id, due_at=now()))
    assert as_admin.submit("/account/delete").status_code == 422
    with app.app_context():
        assert db.session.get(FactorReset, admin.id) is not None
