"""Open the pages of optional email in each state."""

from playwright.sync_api import Page

from app.mail_topics.tokens import make_token
from tests.conftest import shared_app
from tests.framework.browser.page_states import SEND, PageState, opened, sent
from tests.framework.browser.served_site import Site
from tests.mail_topics.weekly import WEEKLY


def open_link(page: Page, site: Site) -> None:
    alice = site.find("alice@example.com")
    with shared_app(site.database_url).app_context():
        token = make_token(alice.id, WEEKLY)
    page.goto(f"/unsubscribe/{token}")


def unsubscribed(page: Page, site: Site) -> None:
    open_link(page, site)
    page.click("main form [type=submit]")
    page.wait_for_load_state()


def refused(page: Page, site: Site) -> None:
    page.goto("/account/mail")
    page.eval_on_selector("[name=topics]", "box => { box.value = 'unknown'; box.checked = true }")
    page.click(SEND)
    page.wait_for_selector("[data-error-summary]")


PAGE_STATES = [
    PageState("mail_topics/mail", "filled", opened("/account/mail"), "alice"),
    PageState("mail_topics/mail", "saved", sent("/account/mail"), "alice"),
    PageState("mail_topics/mail", "error", refused, "alice"),
    PageState("mail_topics/unsubscribe", "asked", open_link),
    PageState("mail_topics/unsubscribe", "done", unsubscribed),
    PageState("mail_topics/link_invalid", "unknown", opened("/unsubscribe/nonsense")),
]
