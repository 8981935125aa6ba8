"""Actions of staff on a user: with a reason, once, recorded, and reported by email (P4, P5)."""

import json  # part: export
import re  # part: export
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from flask_babel import format_date, format_datetime
from sqlalchemy import delete

from app.accounts.models import MailedLink
from app.application import Application
from app.audit.models import SecurityEvent
from app.clock import now
from app.database import db
from app.jobs.later import QUEUE  # part: export
from app.mail.models import Message
from app.roles.held import permissions_of
from app.roles.models import RoleHeld
from app.staff.models import FactorReset  # part: export
from app.unit_of_work import unit_of_work
from app.users.accounts import find_user
from app.users.models import User
from tests.client import Client
from tests.conftest import Clock, signed_in, visitor
from tests.simultaneous_requests import at_once
from tests.staff.conftest import act, fields_of

EventsOf = Callable[[User], list[SecurityEvent]]
Mailed = Callable[[str], list[Message]]
Staff = Callable[..., User]
ACTIONS = ["disable", "enable", "end-logins", "reset-factors", "send-reset"]


def actions_of(events: list[SecurityEvent]) -> list[str]:
    return [event.action for event in events if event.action != "staff.looked"]


def test_disabling_ends_the_logins_and_voids_the_links(
    app: Application, as_admin: Client, alice: User, link: Callable[[str], str]
) -> None:
    browser = signed_in(app, alice)
    browser.submit("/reset", email=alice.email)
    reset = link(alice.email)
    assert act(as_admin, alice, "disable").status_code == 303
    assert not browser.is_signed_in
    assert visitor(app).sign_in(alice.email).status_code == 422
    assert visitor(app).get(reset).status_code == 410


def test_an_enabled_user_can_sign_in_again_but_earlier_logins_have_ended(
    app: Application, as_admin: Client, alice: User, events_of: EventsOf, mailed: Mailed
) -> None:
    browser = signed_in(app, alice)
    act(as_admin, alice, "disable")
    act(as_admin, alice, "enable", reason="It was a mistake.")
    assert not browser.is_signed_in
    assert visitor(app).sign_in(alice.email).status_code == 303
    [enabled] = [it for it in events_of(alice) if it.action == "account.enabled"]
    assert enabled.details == {"reason": "It was a mistake."}
    assert "Account enabled" in [mail.subject for mail in mailed(alice.email)]


def test_support_ends_all_logins_and_sends_a_reset(
    app: Application, as_support: Client, alice: User, link: Callable[[str], str]
) -> None:
    browser = signed_in(app, alice)
    act(as_support, alice, "end-logins")
    assert not browser.is_signed_in
    act(as_support, alice, "send-reset")
    assert visitor(app).get(link(alice.email)).status_code == 200


@pytest.mark.parametrize(
    ("action", "event", "subject"),
    [
        ("disable", "account.disabled", "Account disabled"),
        ("end-logins", "logins.ended", "Signed out of all devices"),
        ("send-reset", "reset.sent", "Reset your password"),
    ],
)
def test_an_action_is_recorded_with_its_reason_and_mailed(
    app: Application,
    as_admin: Client,
    alice: User,
    events_of: EventsOf,
    mailed: Mailed,
    action: str,
    event: str,
    subject: str,
) -> None:
    signed_in(app, alice)
    act(as_admin, alice, action, reason="A stolen laptop.")
    [recorded] = [it for it in events_of(alice) if it.action == event]
    assert recorded.details["reason"] == "A stolen laptop."
    assert (recorded.by_staff, recorded.address, recorded.user_agent) == (True, None, None)
    assert recorded.actor_id is not None
    [mail] = mailed(alice.email)
    assert mail.subject == subject
    assert "admin@example.com" not in mail.text + mail.html
    assert "A stolen laptop." not in mail.text + mail.html


@pytest.mark.parametrize("action", ["disable", "end-logins", "send-reset"])
def test_an_action_that_is_sent_twice_acts_once(
    app: Application,
    as_admin: Client,
    alice: User,
    events_of: EventsOf,
    mailed: Mailed,
    action: str,
) -> None:
    signed_in(app, alice)
    fields = {"reason": "Asked by phone.", **fields_of(as_admin, alice)}
    path = f"/staff/people/{alice.id}/{action}"
    for _ in range(2):
        assert as_admin.post(path, data=fields).status_code == 303
    assert len(actions_of(events_of(alice))) == 1
    assert len(mailed(alice.email)) == 1
    done_already = "a moment ago" if action == "send-reset" else "this has been done already"
    assert done_already in as_admin.page(f"/staff/people/{alice.id}").text


@pytest.mark.parametrize("action", ["disable", "end-logins", "send-reset"])
def test_two_members_of_staff_who_act_at_once_act_once(
    app: Application,
    as_admin: Client,
    staff: Staff,
    alice: User,
    events_of: EventsOf,
    mailed: Mailed,
    action: str,
) -> None:
    signed_in(app, alice)
    browsers = [as_admin, signed_in(app, staff("admin", "other"))]
    path = f"/staff/people/{alice.id}/{action}"
    forms = [{"reason": "x", **fields_of(browser, alice)} for browser in browsers]
    sent = (partial(it.post, path, data=form) for it, form in zip(browsers, forms, strict=True))
    assert at_once(*sent) == [303, 303]
    assert len(actions_of(events_of(alice))) == 1
    assert len(mailed(alice.email)) == 1


def test_a_user_and_staff_who_request_a_reset_at_once_do_not_block_each_other(
    app: Application, as_admin: Client, alice: User, mailed: Mailed
) -> None:
    """Of two requests that lock the same rows in different orders, PostgreSQL ends one (503)."""
    for _ in range(3):
        with app.app_context(), unit_of_work():
            db.session.execute(delete(MailedLink))
        browser = visitor(app)
        own = {"email": alice.email, "csrf_token": browser.csrf_token("/reset")}
        form = {"reason": "x", **fields_of(as_admin, alice)}
        path = f"/staff/people/{alice.id}/send-reset"
        assert at_once(
            partial(browser.post, "/reset", data=own), partial(as_admin.post, path, data=form)
        ) == [303, 303]
    assert len(mailed(alice.email)) == 3


def test_of_two_admins_who_disable_each_other_at_once_one_stays(
    app: Application, as_admin: Client, staff: Staff
) -> None:
    """The other is asked to sign in, because the login ended while the request waited."""
    with app.app_context():
        first = find_user("admin@example.com")
    assert first is not None
    second = staff("admin", "other")
    browser = signed_in(app, second)
    forms = [
        (as_admin, second, {"reason": "x", **fields_of(as_admin, second)}),
        (browser, first, {"reason": "x", **fields_of(browser, first)}),
    ]
    statuses = at_once(
        *(
            partial(it.post, f"/staff/people/{user.id}/disable", data=form)
            for it, user, form in forms
        )
    )
    assert statuses == [303, 401]
    assert as_admin.is_signed_in != browser.is_signed_in


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_an_action_without_a_good_reason_changes_nothing_and_keeps_the_input(
    as_admin: Client, alice: User, events_of: EventsOf, action: str, reason: str
) -> None:
    response = act(as_admin, alice, action, reason=reason)
    assert response.status_code == 422
    assert reason.strip() in response.text
    assert actions_of(events_of(alice)) == []


def test_a_page_on_which_the_user_has_changed_is_a_conflict(
    app: Application, as_admin: Client, alice: User, events_of: EventsOf
) -> None:
    fields = {"reason": "Spam.", **fields_of(as_admin, alice)}
    with app.app_context(), unit_of_work():
        db.session.get_one(User, alice.id).email = "other@example.com"
    response = as_admin.post(f"/staff/people/{alice.id}/disable", data=fields)
    assert response.status_code == 409
    assert actions_of(events_of(alice)) == []
    assert visitor(app).sign_in("other@example.com").status_code == 303


def test_a_form_without_a_version_acts_on_the_user_as_they_are(
    app: Application, as_admin: Client, alice: User
) -> None:
    fields = {"reason": "Spam.", "csrf_token": as_admin.csrf_token("/account")}
    as_admin.post(f"/staff/people/{alice.id}/disable", data=fields)
    assert visitor(app).sign_in(alice.email).status_code == 422


def test_the_form_of_one_user_does_not_act_on_another(
    app: Application, as_admin: Client, alice: User, bob: User, events_of: EventsOf
) -> None:
    fields = {"reason": "Spam.", **fields_of(as_admin, alice)}
    response = as_admin.post(f"/staff/people/{bob.id}/disable", data=fields)
    assert response.status_code == 409
    assert events_of(bob) == []


@pytest.mark.parametrize("action", ["disable", "grant-role", "revoke-role", "reset-factors"])
def test_support_cannot_send_the_form_of_an_admin_by_hand(
    as_support: Client, alice: User, events_of: EventsOf, action: str
) -> None:
    response = act(as_support, alice, action, role="support")
    assert response.status_code == 404
    assert actions_of(events_of(alice)) == []


@pytest.mark.parametrize("action", ["end-logins", "send-reset"])
def test_support_cannot_act_on_an_admin(
    app: Application, as_support: Client, staff: Staff, events_of: EventsOf, action: str
) -> None:
    admin = staff("admin")
    page = as_support.page(f"/staff/people/{admin.id}").text
    assert "This user has permissions that you don't have." in page
    fields = {"reason": "x", "csrf_token": as_support.csrf_token("/account")}
    response = as_support.post(f"/staff/people/{admin.id}/{action}", data=fields)
    assert response.status_code == 409
    assert actions_of(events_of(admin)) == []


@pytest.mark.parametrize("action", ACTIONS)
def test_staff_cannot_act_on_themselves(
    app: Application, staff: Staff, events_of: EventsOf, action: str
) -> None:
    admin = staff("admin")
    browser = signed_in(app, admin)
    assert "own account" in browser.page(f"/staff/people/{admin.id}").text
    fields = {"reason": "x", "csrf_token": browser.csrf_token("/account")}
    assert browser.post(f"/staff/people/{admin.id}/{action}", data=fields).status_code == 409
    assert events_of(admin) == []
    assert browser.is_signed_in


def test_the_open_page_of_an_admin_who_was_disabled_does_nothing(
    app: Application, as_admin: Client, staff: Staff, alice: User, events_of: EventsOf
) -> None:
    other = staff("admin", "other")
    browser = signed_in(app, other)
    fields = {"reason": "x", **fields_of(browser, alice)}
    act(as_admin, other, "disable")
    response = browser.post(f"/staff/people/{alice.id}/disable", data=fields)
    assert response.status_code == 401
    assert actions_of(events_of(alice)) == []


def test_a_role_that_was_revoked_grants_nothing_on_an_open_page(
    app: Application, as_admin: Client, staff: Staff, alice: User, events_of: EventsOf
) -> None:
    support = staff("support")
    browser = signed_in(app, support)
    fields = {"reason": "x", **fields_of(browser, alice)}
    act(as_admin, support, "revoke-role", role="support")
    response = browser.post(f"/staff/people/{alice.id}/end-logins", data=fields)
    assert response.status_code == 404
    assert actions_of(events_of(alice)) == []


def test_an_admin_grants_and_revokes_a_role_on_the_page(
    app: Application, as_admin: Client, alice: User, events_of: EventsOf
) -> None:
    act(as_admin, alice, "grant-role", role="support", reason="New in the team.")
    with app.app_context():
        assert "people.see" in permissions_of(alice.id)
    shown = as_admin.page(f"/staff/people/{alice.id}").text
    assert "Role granted" in shown
    assert shown.count("support") > 1, "in the list of roles, and with the event"
    act(as_admin, alice, "revoke-role", role="support")
    with app.app_context():
        assert permissions_of(alice.id) == frozenset()
    granted, revoked = (it for it in events_of(alice) if it.action.startswith("role."))
    assert granted.details == {"role": "support", "reason": "New in the team."}
    assert revoked.action == "role.revoked"


def test_an_admin_whose_role_ends_sees_that_grants_end_with_it(
    app: Application, staff: Staff, alice: User, events_of: EventsOf
) -> None:
    admin, end = staff("admin"), now() + timedelta(days=7)
    with app.app_context(), unit_of_work():
        db.session.get_one(RoleHeld, (admin.id, "admin")).expires_at = end
    with app.test_request_context():
        when = " ".join(format_datetime(end, "medium").split())
        day = format_date(end, "long")
    browser = signed_in(app, admin)
    hint = (
        f"A role that you grant (admin, auditor, support) ends on {when}, together with your own"
    )
    assert hint in browser.page(f"/staff/people/{alice.id}").text
    act(browser, alice, "grant-role", role="support")
    assert f"until {day}" in browser.page(f"/staff/people/{alice.id}").text
    [granted] = [it for it in events_of(alice) if it.action == "role.granted"]
    assert granted.details["until"] == end.isoformat()


def test_an_admin_whose_role_does_not_end_sees_no_limit(as_admin: Client, alice: User) -> None:
    assert "A role that you grant" not in as_admin.page(f"/staff/people/{alice.id}").text


def test_no_reset_is_sent_to_a_disabled_account(
    as_admin: Client, alice: User, mailed: Mailed
) -> None:
    act(as_admin, alice, "disable")
    response = act(as_admin, alice, "send-reset")
    assert response.status_code == 409
    assert "disabled or will be deleted" in response.text
    assert len(mailed(alice.email)) == 1, "that the account is disabled"


def test_a_reset_that_the_limit_of_emails_withholds_says_so_and_can_be_sent_an_hour_later(
    make_app: Callable[..., Application],
    staff: Staff,
    alice: User,
    events_of: EventsOf,
    mailed: Mailed,
    clock: Clock,
) -> None:
    site = make_app(MAIL_DAILY_LIMIT=3)
    for _ in range(4):
        visitor(site).submit("/reset", email=alice.email)
        clock.forward(minutes=16)
    admin = staff("admin")
    response = act(signed_in(site, admin), alice, "send-reset")
    assert response.status_code == 409
    assert "this address has reached its daily limit of emails" in response.text
    assert "try again in an hour" in response.text
    assert (len(mailed(alice.email)), actions_of(events_of(alice))) == (4, [])
    clock.forward(minutes=50)
    browser = signed_in(site, admin)
    act(browser, alice, "send-reset")
    assert "The user is sent a link" in browser.page(f"/staff/people/{alice.id}").text
    assert len(mailed(alice.email)) == 5


def test_a_reset_that_the_user_requested_a_moment_ago_is_not_sent_twice(
    as_admin: Client, alice: User, mailed: Mailed
) -> None:
    visitor(as_admin.application).submit("/reset", email=alice.email)
    act(as_admin, alice, "send-reset")
    shown = as_admin.page(f"/staff/people/{alice.id}").text
    assert "Nothing was sent: the user was sent such a link a moment ago." in shown
    assert len(mailed(alice.email)) == 1


# part: export
def test_the_data_export_says_what_staff_did_but_not_who(
    app: Application, as_support: Client, alice: User, link: Callable[[str], str]
) -> None:
    act(as_support, alice, "send-reset", reason="Forgot the password.")
    with app.app_context(), unit_of_work():
        reset = FactorReset(user_id=alice.id, requested_by=1, due_at=now() + timedelta(days=1))
        db.session.add_all([reset, RoleHeld(user_id=alice.id, role="unknown", granted_by=1)])
    browser = signed_in(app, alice)
    browser.submit("/account/export")
    with app.app_context():
        while QUEUE.process_next():
            pass
    copy = browser.get("/account/export/file").text
    events = json.loads(copy)["security_events"]
    assert {"staff.looked", "reset.sent"} <= {event["action"] for event in events}
    assert "Forgot the password." in copy
    assert "support@example.com" not in copy
    assert not {"actor_id", "granted_by", "requested_by"} & set(re.findall(r"\w+", copy))


# end part: export
