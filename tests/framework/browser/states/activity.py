"""Open the page of security events in each state."""

from datetime import UTC, datetime

from playwright.sync_api import Page
from sqlalchemy import delete

from app.audit.actions import Action
from app.audit.models import Retention, SecurityEvent
from app.audit.trail import record
from app.database import db
from tests.framework.browser.page_states import PageState, opened, to_second_page
from tests.framework.browser.served_site import Site


def all_events_pruned(page: Page, site: Site) -> None:
    """Open the page when all events are older than AUDIT_RETENTION."""
    with site.user_rows("bob@example.com") as bob:
        db.session.merge(Retention(id=1, kept_since=datetime.max.replace(tzinfo=UTC)))
        db.session.execute(delete(SecurityEvent).where(SecurityEvent.user_id == bob.id))
    page.goto("/activity")


def second_of_many_events(page: Page, site: Site) -> None:
    with site.user_rows(site.create_account("rita")) as rita:
        for _ in range(60):
            record(Action.LOGIN_FAILED, rita.id)
    site.sign_in(page.context, "rita")
    to_second_page("/activity", page)


PAGE_STATES = [
    PageState("activity/activity", "filled", opened("/activity"), "alice"),
    PageState("activity/activity", "empty", all_events_pruned, "bob"),
    PageState("activity/activity", "many", second_of_many_events),
]
