"""The number of bytes that a browser receives for a page."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext

from tests.framework.browser.served_site import Site

MAX_BYTES = 60_000


@pytest.mark.parametrize("path", ["/", "/login", "/register"])
def test_a_first_visit_receives_few_bytes(
    path: str, site: Site, new_browser: Callable[..., BrowserContext]
) -> None:
    """Counts headers, page, styles, script and icon, as transferred."""
    page = new_browser(site).new_page()
    received: list[float] = []
    trace_sql = page.context.new_cdp_session(page)
    trace_sql.on("Network.loadingFinished", lambda it: received.append(it["encodedDataLength"]))
    trace_sql.send("Network.enable")
    page.goto(path, wait_until="networkidle")
    assert len(received) >= 5
    assert sum(received) < MAX_BYTES, f"{path} has {sum(received):.0f} bytes."


def test_a_second_page_loads_no_other_file_again(
    site: Site, new_browser: Callable[..., BrowserContext]
) -> None:
    page = new_browser(site).new_page()
    page.goto("/", wait_until="networkidle")
    page.goto("/register", wait_until="networkidle")
    sizes = page.evaluate("performance.getEntriesByType('resource').map(it => it.transferSize)")
    assert sizes
    assert not any(sizes)
