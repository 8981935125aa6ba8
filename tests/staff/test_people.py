"""Staff find a user and see the state of the account, but no secret (P5)."""

from collections.abc import Callable

from app.application import Application
from app.audit.models import SecurityEvent
from app.database import db
from app.mail.suppression import suppress
from app.roles import Permission
from app.roles.tables import role_tables
from app.sessions.logins import begin_login
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.client import Client
from tests.conftest import Clock, create_user, signed_in, visitor
from tests.logins import find_logins

EventsOf = Callable[[User], list[SecurityEvent]]
Staff = Callable[..., User]
SCRIPT = "<script>alert(1)</script>"


def test_support_finds_a_user_by_the_start_of_the_address(
    as_support: Client, alice: User, bob: User
) -> None:
    found = as_support.page("/staff/people?q=ALI").text
    assert "alice@example.com" in found
    assert "bob@example.com" not in found


def test_a_search_without_a_result_says_so(as_support: Client) -> None:
    assert "No results" in as_support.page("/staff/people?q=zoe").text


def test_people_are_listed_by_address_in_pages(as_support: Client, clean_database: str) -> None:
    for number in range(30):
        create_user(clean_database, f"u{number:02}@example.com")
    first = as_support.page("/staff/people")
    [older] = [link for link in first.all("a") if link.get("rel") == "next"]
    second = as_support.page(older.get("href"))
    assert "u00@example.com" in first.text
    assert "u00@example.com" not in second.text
    assert "u29@example.com" in second.text


def test_staff_opens_on_the_first_page_that_the_role_allows(as_support: Client) -> None:
    assert as_support.get("/staff").location == "/staff/people"


def test_the_page_of_a_user_shows_the_account(
    app: Application, as_support: Client, alice: User, staff: Staff
) -> None:
    browser = visitor(app)
    browser.sign_in(alice.email)
    browser.submit("/account/email", email="alice@example.org")
    with app.app_context(), unit_of_work():
        suppress(alice.email, is_bounce=True)
    page = as_support.page(f"/staff/people/{alice.id}").text
    for shown in (
        "alice@example.com",
        "active",
        "127.0.0.1",
        "Signed in",
        "alice@example.org",
        "rejected by its mail server",
        "accounts/mail/email_change_requested Waiting",
        "This user has no role.",
    ):
        assert shown in page, shown


def test_the_state_of_an_account_is_shown_in_the_list(
    app: Application, as_admin: Client, alice: User, bob: User
) -> None:
    signed_in(app, bob).submit("/account/delete")
    with app.app_context(), unit_of_work():
        db.session.get_one(User, alice.id).disabled_at = alice.created_at
    page = as_admin.page("/staff/people").text
    assert "disabled" in page
    assert "will be deleted on" in page


def test_staff_see_no_secret(app: Application, as_support: Client, alice: User) -> None:
    browser = visitor(app)
    browser.sign_in(alice.email, remember=True)
    browser.submit("/reset", email=alice.email)
    with app.app_context():
        user, [login] = db.session.get_one(User, alice.id), find_logins(alice)
        secrets = [user.password_hash or "", login.token_digest.hex(), login.rotation_key.hex()]
    page = as_support.get(f"/staff/people/{alice.id}").text
    assert not [secret for secret in secrets if secret in page]
    assert "Reset your password" not in page, "the subject of an email"
    assert "/reset/" not in page


def test_html_in_a_name_and_a_user_agent_is_text(
    app: Application, as_support: Client, alice: User
) -> None:
    with app.app_context(), unit_of_work():
        user = db.session.get_one(User, alice.id)
        user.display_name = SCRIPT
        begin_login(user, user_agent=SCRIPT, address=SCRIPT, remembered=False)
    for path in ("/staff/people", f"/staff/people/{alice.id}"):
        assert SCRIPT not in as_support.get(path).text


def test_looking_is_recorded_once_in_an_hour(
    app: Application, as_support: Client, alice: User, events_of: EventsOf, clock: Clock
) -> None:
    as_support.page(f"/staff/people/{alice.id}")
    as_support.page(f"/staff/people/{alice.id}")
    [event] = events_of(alice)
    assert (event.action, event.by_staff, event.address) == ("staff.looked", True, None)
    clock.forward(days=30)
    browser = visitor(app)
    browser.sign_in("support@example.com")
    browser.page(f"/staff/people/{alice.id}")
    assert [event.action for event in events_of(alice)] == ["staff.looked"] * 2


def test_staff_who_may_not_see_users_do_not_see_one_by_a_form_without_a_reason(
    make_app: Callable[..., Application], staff: Staff, alice: User
) -> None:
    site = make_app()
    role_tables.add(site, {"helpdesk": {Permission.END_LOGINS}})
    browser = signed_in(site, staff("helpdesk"))
    form = {"csrf_token": browser.csrf_token("/account")}
    response = browser.post(f"/staff/people/{alice.id}/end-logins", data=form)
    assert response.status_code == 404
    assert alice.email not in response.text


def test_each_member_of_staff_who_looks_is_recorded(
    app: Application, as_support: Client, as_admin: Client, alice: User, events_of: EventsOf
) -> None:
    as_support.page(f"/staff/people/{alice.id}")
    as_admin.page(f"/staff/people/{alice.id}")
    actors = {event.actor_id for event in events_of(alice)}
    assert len(actors) == 2
    assert None not in actors


def test_the_user_sees_that_staff_looked_but_not_who(
    app: Application, as_support: Client, alice: User
) -> None:
    as_support.page(f"/staff/people/{alice.id}")
    page = signed_in(app, alice).page("/activity").text  # part: activity
    assert "Account viewed" in page  # part: activity
    assert "support@example.com" not in page  # part: activity


def test_a_user_that_does_not_exist_is_not_found(as_support: Client) -> None:
    assert as_support.get("/staff/people/4711").status_code == 404
