"""The pages of staff need a second factor and a recent authentication (P4)."""

from collections.abc import Callable

import pytest

from app.application import Application
from app.audit.models import SecurityEvent
from app.users.models import User
from config import SettingRefused
from tests.client import PASSWORD, Client
from tests.conftest import Clock, signed_in
from tests.page import Page
from tests.staff.conftest import fields_of
from tests.two_factor.phones import secret_shown, set_up

EventsOf = Callable[[User], list[SecurityEvent]]
Staff = Callable[..., User]


@pytest.fixture
def strict(make_app: Callable[..., Application]) -> Application:
    return make_app(STAFF_SECOND_FACTOR=True)


def test_staff_without_a_second_factor_are_sent_to_set_one_up(
    strict: Application, staff: Staff, alice: User
) -> None:
    browser = signed_in(strict, staff("admin"))
    for path in ("/staff/people", f"/staff/people/{alice.id}"):
        assert browser.get(path).location == "/two-factor"
    fields = {"reason": "x", "csrf_token": browser.csrf_token("/account")}
    response = browser.post(f"/staff/people/{alice.id}/disable", data=fields)
    assert response.location == "/two-factor"
    assert "This page requires two-factor authentication." in browser.page("/two-factor").text


def test_the_setup_of_a_second_factor_continues_to_the_page(
    strict: Application, staff: Staff
) -> None:
    browser = signed_in(strict, staff("admin"))
    setup = browser.page(browser.get("/staff/people?q=a").location or "")
    codes = browser.submit("/two-factor", code=secret_shown(setup).code()).location
    [link] = [it for it in browser.page(codes or "").all("a") if "Continue" in it.text]
    assert link.get("href") == "/staff/people?q=a"
    assert browser.get(link.get("href")).status_code == 200


def test_the_account_page_of_staff_links_to_the_pages(as_admin: Client, as_alice: Client) -> None:
    assert as_admin.page("/account").one("a", href="/staff")
    assert "/staff" not in as_alice.get("/account").text


def test_staff_with_a_second_factor_open_the_pages(strict: Application, staff: Staff) -> None:
    browser = signed_in(strict, staff("admin"))
    set_up(browser)
    assert browser.get("/staff/people").status_code == 200


def test_users_without_a_role_learn_nothing_of_the_pages(strict: Application, alice: User) -> None:
    assert signed_in(strict, alice).get("/staff/people").status_code == 404
    assert signed_in(strict, alice).get("/staff").status_code == 404


def test_an_old_authentication_must_be_repeated(
    app: Application, staff: Staff, clock: Clock
) -> None:
    browser = signed_in(app, staff("support"))
    clock.forward(minutes=20)
    assert browser.get("/staff/people").location == "/prove?next=/staff/people"


def test_a_remembered_member_of_staff_confirms_the_password_and_then_the_action_goes_on(
    app: Application, staff: Staff, alice: User, clock: Clock, events_of: EventsOf
) -> None:
    browser = signed_in(app, staff("support"), remembered=True)
    fields = {"reason": "A lost phone.", **fields_of(browser, alice)}
    clock.forward(minutes=20)
    own, path = signed_in(app, alice), f"/staff/people/{alice.id}/end-logins"
    prompt = browser.post(path, data=fields)
    assert prompt.status_code == 401
    assert own.is_signed_in
    proof = Page(prompt.text).fields_for("/prove") | {"password": PASSWORD}
    offered = Page(browser.post("/prove", data=proof).text)
    assert offered.one("form", action=path)
    kept = offered.fields_for(path)
    assert (kept["reason"], kept["version"]) == ("A lost phone.", fields["version"])
    assert browser.post(path, data=kept).status_code == 303
    assert not own.is_signed_in
    assert events_of(alice)[-1].details == {"reason": "A lost phone."}


def test_a_form_that_was_open_for_too_long_keeps_the_reason(
    app: Application, as_support: Client, alice: User
) -> None:
    own, path = signed_in(app, alice), f"/staff/people/{alice.id}/end-logins"
    fields = {"reason": "A lost phone.", **fields_of(as_support, alice)}
    fields["csrf_token"] = fields["csrf_token"][::-1]
    again = as_support.post(path, data=fields)
    assert again.status_code == 422
    assert own.is_signed_in
    kept = Page(again.text).fields_for(path)
    assert kept["version"] == fields["version"]
    assert as_support.post(path, data=kept).status_code == 303
    assert not own.is_signed_in


@pytest.mark.parametrize(
    "path",
    [
        "people/{id}/disable",
        "people/{id}/grant-role",
        "jobs/1/retry",
        "mails/1/send-again",
        "schedules/prune/run",
    ],
)
def test_no_action_works_without_a_token(as_admin: Client, alice: User, path: str) -> None:
    sent = as_admin.post(f"/staff/{path.format(id=alice.id)}", data={"reason": "x"})
    assert sent.status_code == 400


def test_doctor_warns_of_staff_without_a_second_factor(
    make_app: Callable[..., Application],
) -> None:
    warning = "STAFF_SECOND_FACTOR is false"
    for app, is_told in (
        (make_app(STAFF_SECOND_FACTOR=False), True),
        (make_app(STAFF_SECOND_FACTOR=True), False),
    ):
        output = app.test_cli_runner().invoke(args=["doctor"]).output
        assert (warning in output) is is_told


def test_a_short_delay_of_a_reset_is_refused(make_app: Callable[..., Application]) -> None:
    with pytest.raises(SettingRefused, match="at least 1h"):
        make_app(FACTOR_RESET_DELAY="1m")
