"""The rules for granting and revoking roles (P4), and the emails about it."""

import json  # part: export
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from flask_babel import format_datetime
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.application import Application
from app.audit.models import SecurityEvent
from app.clock import now
from app.database import db
from app.jobs.later import QUEUE  # part: export
from app.mail.models import Message
from app.roles.models import RoleHeld
from app.roles.tables import role_tables
from app.users.models import User
from tests.client import Client
from tests.conftest import Clock, create_user, signed_in
from tests.page import Page
from tests.roles.conftest import Give
from tests.simultaneous_requests import at_once

RolesOf = Callable[[User], set[str]]
Mailed = Callable[[str], list[Message]]
EndOf = Callable[[User, str], datetime | None]
TODAY = now().replace(hour=0, minute=0, second=0, microsecond=0)
# May grant what support may do.
LEAD = {"lead": {"roles.grant", "people.see", "logins.end", "reset.send", "notes.see"}}


@pytest.fixture
def as_admin(site_with_staff: Application, admin: User) -> Client:
    return signed_in(site_with_staff, admin)


@pytest.fixture
def as_lead(site_with_staff: Application, clean_database: str, hold: Give) -> Client:
    role_tables.add(site_with_staff, LEAD)
    lead = create_user(clean_database, "lead@example.com")
    return signed_in(site_with_staff, hold(lead, "lead"))


def change(browser: Client, user: User, way: str, role: str, **more: str) -> TestResponse:
    fields = {"role": role, "csrf_token": browser.csrf_token("/account"), **more}
    return browser.post(f"/people/{user.id}/{way}", data=fields)


def test_an_admin_grants_and_revokes_a_role(
    as_admin: Client, alice: User, roles_of: RolesOf
) -> None:
    assert change(as_admin, alice, "grant", "support").json == {"changed": True}
    assert roles_of(alice) == {"support"}
    assert change(as_admin, alice, "revoke", "support").json == {"changed": True}
    assert roles_of(alice) == set()


def test_granting_and_revoking_twice_has_one_effect(
    as_admin: Client, alice: User, mailed: Mailed
) -> None:
    change(as_admin, alice, "grant", "support")
    assert change(as_admin, alice, "grant", "support").json == {"changed": False}
    change(as_admin, alice, "revoke", "support")
    assert change(as_admin, alice, "revoke", "support").json == {"changed": False}
    assert len(mailed(alice.email)) == 2


def test_staff_grant_a_role_whose_permissions_they_all_hold(
    as_lead: Client, alice: User, roles_of: RolesOf
) -> None:
    assert change(as_lead, alice, "grant", "support").status_code == 200
    assert roles_of(alice) == {"support"}


@pytest.mark.parametrize("role", ["admin", "auditor"])
def test_staff_do_not_grant_a_role_with_a_permission_that_they_lack(
    as_lead: Client, alice: User, roles_of: RolesOf, role: str
) -> None:
    response = change(as_lead, alice, "grant", role)
    assert response.status_code == 409
    assert "This role has permissions that you don&#39;t have." in response.text
    assert roles_of(alice) == set()


@pytest.mark.parametrize("way", ["grant", "revoke"])
def test_staff_do_not_act_on_a_user_with_a_permission_that_they_lack(
    as_lead: Client, alice: User, give: Give, roles_of: RolesOf, way: str
) -> None:
    give(alice, "auditor")
    response = change(as_lead, alice, way, "support")
    assert response.status_code == 409
    assert "This user has permissions that you don&#39;t have." in response.text
    assert roles_of(alice) == {"auditor"}


@pytest.mark.parametrize(("way", "role"), [("grant", "support"), ("revoke", "admin")])
def test_staff_do_not_change_their_own_roles(
    as_admin: Client, admin: User, roles_of: RolesOf, way: str, role: str
) -> None:
    response = change(as_admin, admin, way, role)
    assert response.status_code == 409
    assert "own account" in response.text
    assert roles_of(admin) == {"admin"}


@pytest.fixture
def end_of(app: Application) -> Callable[[User, str], datetime | None]:
    """Read when a role of a user ends."""

    def read(user: User, role: str) -> datetime | None:
        with app.app_context():
            return db.session.get_one(RoleHeld, (user.id, role)).expires_at

    return read


@pytest.fixture
def ending_admin(
    site_with_staff: Application, clean_database: str, admin: User, give: Give
) -> Client:
    """The browser of an admin whose role ends in a week."""
    role_tables.add(site_with_staff, LEAD)
    user = create_user(clean_database, "ending@example.com")
    return signed_in(site_with_staff, give(user, "admin", in_days(7)))


def in_days(days: int) -> datetime:
    return TODAY + timedelta(days=days)


def test_a_grant_ends_together_with_the_permissions_of_the_staff_who_grants_it(
    ending_admin: Client, alice: User, end_of: EndOf, mailed: Mailed, clock: Clock
) -> None:
    assert change(ending_admin, alice, "grant", "support").json == {"changed": True}
    assert end_of(alice, "support") == in_days(7)
    assert "It ends on" in mailed(alice.email)[-1].text
    assert change(ending_admin, alice, "grant", "support").json == {"changed": False}
    browser = signed_in(ending_admin.application, alice)
    assert browser.get("/people").status_code == 200
    clock.forward(days=8)
    again = signed_in(ending_admin.application, alice)
    assert again.get("/people").status_code == 404


def test_staff_choose_an_earlier_end_but_no_later_one(
    ending_admin: Client, alice: User, end_of: EndOf, roles_of: RolesOf, mailed: Mailed
) -> None:
    later = change(ending_admin, alice, "grant", "support", until=in_days(8).isoformat())
    assert later.status_code == 409
    with ending_admin.application.test_request_context():
        when = " ".join(format_datetime(in_days(7), "medium").split())
    assert f"Your own permissions end on {when}, so the role cannot end later." in (
        Page(later.text).text
    )
    assert (roles_of(alice), mailed(alice.email)) == (set(), [])
    for days in (7, 3):
        until = in_days(days).isoformat()
        assert change(ending_admin, alice, "grant", "support", until=until).status_code == 200
        assert end_of(alice, "support") == in_days(days)


def test_of_two_roles_with_the_same_permissions_the_later_end_counts(
    ending_admin: Client, alice: User, bob: User, give: Give, hold: Give, end_of: EndOf
) -> None:
    """Bob is a lead longer than an admin, and a lead has the permissions of support."""
    hold(give(bob, "admin", in_days(2)), "lead", in_days(20))
    browser = signed_in(ending_admin.application, bob)
    for role, days in (("support", 20), ("lead", 20), ("auditor", 2)):
        change(browser, alice, "grant", role)
        assert end_of(alice, role) == in_days(days)


def test_a_role_without_an_end_outweighs_one_that_ends(
    ending_admin: Client, alice: User, bob: User, give: Give, hold: Give, end_of: EndOf
) -> None:
    hold(give(bob, "admin", in_days(2)), "lead")
    browser = signed_in(ending_admin.application, bob)
    change(browser, alice, "grant", "support")
    assert end_of(alice, "support") is None


@pytest.mark.parametrize("end", [None, 30])
def test_a_grant_that_would_end_earlier_does_not_shorten_a_role(
    ending_admin: Client, alice: User, give: Give, end_of: EndOf, end: int | None
) -> None:
    held_until = in_days(end) if end else None
    give(alice, "support", held_until)
    assert change(ending_admin, alice, "grant", "support").json == {"changed": False}
    assert end_of(alice, "support") == held_until


def test_a_grant_prolongs_a_role_that_ends_earlier(
    ending_admin: Client, alice: User, give: Give, end_of: EndOf
) -> None:
    give(alice, "support", in_days(3))
    assert change(ending_admin, alice, "grant", "support").json == {"changed": True}
    assert end_of(alice, "support") == in_days(7)


def test_an_admin_whose_role_ends_does_not_limit_the_last_admin(
    ending_admin: Client, admin: User, end_of: EndOf
) -> None:
    assert change(ending_admin, admin, "grant", "admin").json == {"changed": False}
    assert end_of(admin, "admin") is None


def test_an_unknown_role_is_refused(as_admin: Client, alice: User, roles_of: RolesOf) -> None:
    response = change(as_admin, alice, "grant", "<b>boss</b>")
    assert response.status_code == 409
    assert "There is no role &lt;b&gt;boss&lt;/b&gt;." in response.text
    assert roles_of(alice) == set()


def test_support_cannot_post_a_grant_by_hand(
    site_with_staff: Application, alice: User, bob: User, give: Give, roles_of: RolesOf
) -> None:
    browser = signed_in(site_with_staff, give(alice, "support"))
    assert change(browser, bob, "grant", "support").status_code == 404
    assert roles_of(bob) == set()


def test_both_users_are_mailed_and_the_owner_does_not_learn_who_it_was(
    as_admin: Client, admin: User, alice: User, mailed: Mailed
) -> None:
    change(as_admin, alice, "grant", "support")
    change(as_admin, alice, "revoke", "support")
    granted, revoked = mailed(alice.email)
    assert granted.subject == revoked.subject == "Your role has changed"
    assert "You now have the role support at Lockstep." in granted.text
    assert "You no longer have the role support at Lockstep." in revoked.text
    assert admin.email not in granted.text + granted.html + revoked.text + revoked.html
    _, gave, took = mailed(admin.email)
    assert gave.subject == took.subject == "You have changed the role of a user"
    assert "You gave alice@example.com the role support" in gave.text
    assert "You took the role support at Lockstep from alice@example.com." in took.text


def test_each_change_is_recorded_as_by_staff(
    as_admin: Client, admin: User, alice: User, app: Application
) -> None:
    change(as_admin, alice, "grant", "support")
    change(as_admin, alice, "revoke", "support")
    with app.app_context():
        of_alice = select(SecurityEvent).filter_by(user_id=alice.id).order_by(SecurityEvent.id)
        events = list(db.session.scalars(of_alice))
    assert [event.action for event in events] == ["role.granted", "role.revoked"]
    for event in events:
        assert (event.by_staff, event.actor_id, event.address) == (True, admin.id, None)
        assert event.details == {"role": "support"}


# part: export
def test_the_data_export_does_not_identify_staff(
    as_admin: Client, admin: User, alice: User
) -> None:
    change(as_admin, alice, "grant", "support")
    browser = signed_in(as_admin.application, alice)
    browser.submit("/account/export")
    with as_admin.application.app_context():
        while QUEUE.process_next():
            pass
    copy = json.loads(browser.get("/account/export/file").text)
    [row] = copy["roles_held"]
    assert row["role"] == "support"
    assert "granted_by" not in row
    assert admin.email not in json.dumps(copy)


# end part: export


def form(browser: FlaskClient, user: User, way: str, role: str) -> Callable[[], TestResponse]:
    """Return a function that sends a form whose page is open already."""
    assert isinstance(browser, Client)
    fields = {"role": role, "csrf_token": browser.csrf_token("/account")}
    return lambda: browser.post(f"/people/{user.id}/{way}", data=fields)


def test_of_two_admins_who_revoke_each_other_at_once_one_is_refused(
    site_with_staff: Application, admin: User, alice: User, give: Give, roles_of: RolesOf
) -> None:
    for _ in range(5):
        give(alice, "admin")
        give(admin, "admin")
        one, other = signed_in(site_with_staff, admin), signed_in(site_with_staff, alice)
        statuses = at_once(
            form(one, alice, "revoke", "admin"), form(other, admin, "revoke", "admin")
        )
        assert statuses == [200, 404]
        assert len(roles_of(admin) | roles_of(alice)) == 1


def test_two_admins_who_act_on_each_other_at_once_do_not_deadlock(
    site_with_staff: Application, admin: User, alice: User, give: Give
) -> None:
    give(alice, "admin")
    one, other = signed_in(site_with_staff, admin), signed_in(site_with_staff, alice)
    for way in ("grant", "revoke") * 3:
        statuses = at_once(form(one, alice, way, "support"), form(other, admin, way, "support"))
        assert statuses == [200, 200]
