"""Use a page with the mouse, and find elements by their names. Needs no JavaScript."""

import re

from playwright.sync_api import Locator, Page


class Mouse:
    """Has the methods of tests.framework.browser.keyboard.Keyboard."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, path: str) -> None:
        self.page.goto(path)

    def type(self, name: str, text: str) -> None:
        self.page.get_by_label(name, exact=True).fill(text)

    def check(self, name: str) -> None:
        self.page.get_by_label(name).check()

    def press(self, name: str, *, then: str | None = None) -> None:
        self.find(name).click()
        if then is not None:
            self.page.wait_for_selector(f"h1:text-is('{then}')")

    def find(self, name: str) -> Locator:
        """Return the element whose name begins with `name`, preferably in the content."""
        starts = re.compile(rf"^\s*{re.escape(name)}")
        for where in ("main", "body"):
            pressable = self.page.locator(f"{where} :is(a, button, summary):visible")
            named = pressable.filter(has_text=starts)
            found = named.or_(self.page.locator(f'{where} [aria-label="{name}"]'))
            if found.count():
                return found.first
        raise AssertionError(f"{name!r} is not on {self.page.url}.")
