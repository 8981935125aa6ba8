"""Open the pages of staff in each state."""

from datetime import datetime, timedelta
from itertools import count

from playwright.sync_api import Page
from sqlalchemy import null

from app.audit.trail import record
from app.clock import now
from app.database import db
from app.jobs.models import Job
from app.mail.models import Message
from app.roles.models import RoleHeld
from app.staff.models import FactorReset
from app.two_factor.models import Authenticator
from tests.framework.browser.page_states import Act, PageState, to_second_page
from tests.framework.browser.served_site import Site

NUMBERS = count(1)
LONG = "maximiliane.von.und.zu.hohenlohe.schillingsfuerst.langenburg.bartenstein"


def sign_in_as_staff(
    page: Page, site: Site, role: str = "admin", ends_at: datetime | None = None
) -> None:
    """Sign in with a new account that has a role and a second factor."""
    name = f"{role}-{next(NUMBERS)}"
    address = site.create_account(name)
    site.sign_in(page.context, name)
    with site.user_rows(address) as user:
        db.session.add(RoleHeld(user_id=user.id, role=role, expires_at=ends_at))
        add_factor(user.id)


def add_factor(user_id: int) -> None:
    """Add a second factor that is never used."""
    db.session.add(Authenticator(user_id=user_id, secret=b"", last_step=0))


def new_user(site: Site, name: str = "") -> str:
    """Create a user with a second factor and a login, and return the path of the page."""
    address = site.create_account(name or f"customer-{next(NUMBERS)}")
    site.add_phone_logins(address, 1)
    with site.user_rows(address) as user:
        add_factor(user.id)
        return f"/staff/people/{user.id}"


def opened_by_staff(path: str, role: str = "admin") -> Act:
    def open_page(page: Page, site: Site) -> None:
        sign_in_as_staff(page, site, role)
        page.goto(path)

    return open_page


def person_seen_by_admin(page: Page, site: Site) -> None:
    sign_in_as_staff(page, site)
    page.goto(new_user(site, LONG))


def person_seen_by_auditor(page: Page, site: Site) -> None:
    sign_in_as_staff(page, site, "auditor")
    page.goto(new_user(site))


def reason_missing(page: Page, site: Site) -> None:
    sign_in_as_staff(page, site)
    page.goto(new_user(site))
    page.get_by_role("button", name="Disable account").click()
    page.wait_for_load_state()


def role_missing(page: Page, site: Site) -> None:
    sign_in_as_staff(page, site)
    page.goto(new_user(site))
    page.get_by_role("button", name="Grant role").click()
    page.wait_for_load_state()


def seen_by_admin_whose_role_ends(page: Page, site: Site) -> None:
    sign_in_as_staff(page, site, ends_at=now() + timedelta(days=30))
    page.goto(new_user(site))
    page.get_by_label("Role", exact=True).select_option("support")
    page.get_by_label("Reason").last.fill("New in the team.")
    page.get_by_role("button", name="Grant role").click()
    page.wait_for_load_state()


def factors_to_be_reset(page: Page, site: Site) -> None:
    sign_in_as_staff(page, site)
    page.goto(new_user(site))
    page.get_by_label("Reason").first.fill("The phone was lost.")
    page.get_by_role("button", name="Reset two-factor authentication").click()
    page.wait_for_load_state()


def link_to_keep_factors(page: Page, site: Site) -> None:
    address = site.create_account(f"customer-{next(NUMBERS)}")
    with site.user_rows(address) as user:
        add_factor(user.id)
        path = f"/staff/people/{user.id}"
    sign_in_as_staff(page, site)
    page.goto(path)
    page.get_by_label("Reason").first.fill("The phone was lost.")
    page.get_by_role("button", name="Reset two-factor authentication").click()
    page.context.clear_cookies()
    page.goto(site.wait_for_link(address, "/two-factor/keep/"))


def opened_by_owner(path: str) -> Act:
    """Open a page as a user whose second factors staff will reset."""

    def open_page(page: Page, site: Site) -> None:
        name = f"customer-{next(NUMBERS)}"
        address = site.create_account(name)
        site.sign_in(page.context, name)
        due_at = now() + timedelta(hours=20)
        with site.user_rows(address) as user:
            add_factor(user.id)
            db.session.add(FactorReset(user_id=user.id, requested_by=0, due_at=due_at))
        page.goto(path)

    return open_page


def factors_kept(page: Page, site: Site) -> None:
    opened_by_owner("/two-factor")(page, site)
    page.get_by_role("button", name="Keep two-factor authentication").click()
    page.wait_for_load_state()


def above_support(page: Page, site: Site) -> None:
    sign_in_as_staff(page, site, "support")
    path = new_user(site)
    with site.user_rows("bob@example.com"):
        db.session.add(RoleHeld(user_id=int(path.rpartition("/")[2]), role="admin"))
    page.goto(path)


# --- The lists


def add_work(site: Site) -> None:
    """Store a job and an email in each state that no worker changes."""
    error = "OperationalError: the connection to database.internal.example.com:5432 was refused"
    content = {"sender": "site@example.com", "subject": "", "text": "", "html": ""}
    ended = {"next_attempt_at": null(), "locale": "en", "attempts": 15}
    with site.user_rows("alice@example.com") as alice:
        for state in ("done", "given-up"):
            db.session.add(Job(name=state, arguments=[], state=state, last_error=error, **ended))
        for kind, state in (("reset", "sent"), ("notice", "withheld"), ("notice", "given-up")):
            row = {"name": f"accounts/mail/{kind}", "recipient": alice.email, "state": state}
            db.session.add(Message(**row, **content, **ended))


def opened_with_work(path: str) -> Act:
    def open_page(page: Page, site: Site) -> None:
        add_work(site)
        opened_by_staff(path)(page, site)

    return open_page


def second_of_many_events(page: Page, site: Site) -> None:
    with site.user_rows("alice@example.com") as alice:
        for _ in range(60):
            record("login.failed", alice.id)
    sign_in_as_staff(page, site, "auditor")
    to_second_page("/staff/events", page)


def events_of_alice(page: Page, site: Site) -> None:
    opened_by_staff(f"/staff/events?user={site.find('alice@example.com').id}")(page, site)


def schedule_started(page: Page, site: Site) -> None:
    opened_by_staff("/staff/schedules")(page, site)
    page.click("main [action='/staff/schedules/prune/run'] button")
    page.wait_for_load_state()


PAGE_STATES = [
    PageState("staff/people", "filled", opened_by_staff("/staff/people")),
    PageState("staff/people", "found", opened_by_staff("/staff/people?q=alice", "support")),
    PageState("staff/people", "not found", opened_by_staff("/staff/people?q=zzz", "auditor")),
    PageState("staff/person", "filled", person_seen_by_admin),
    PageState("staff/person", "read only", person_seen_by_auditor),
    PageState("staff/person", "above", above_support),
    PageState("staff/person", "error", reason_missing),
    PageState("staff/person", "role error", role_missing),
    PageState("staff/person", "role with an end", seen_by_admin_whose_role_ends),
    PageState("staff/person", "factors to be reset", factors_to_be_reset),
    PageState("staff/keep_factors", "asked", link_to_keep_factors),
    PageState("two_factor/two_factor", "to be reset", opened_by_owner("/two-factor")),
    PageState("two_factor/two_factor", "kept", factors_kept),
    PageState("accounts/account", "factors to be reset", opened_by_owner("/account")),
    PageState("staff/events", "many", second_of_many_events),
    PageState("staff/events", "of one user", events_of_alice),
    PageState("staff/jobs", "filled", opened_with_work("/staff/jobs")),
    PageState("staff/jobs", "given up", opened_with_work("/staff/jobs?state=given-up")),
    PageState("staff/mails", "filled", opened_with_work("/staff/mails")),
    PageState("staff/mails", "no results", opened_with_work("/staff/mails?q=zzz")),
    PageState("staff/schedules", "started", schedule_started),
]
