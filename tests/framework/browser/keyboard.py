"""Somebody who uses the keyboard and nothing else, and finds things by what they are called."""

from playwright.sync_api import Page

FARTHEST = 60  # Tabs before what is looked for is taken to be out of reach

FOCUSED = """() => {
  const it = document.activeElement;
  const name = it.getAttribute("aria-label") || it.labels?.[0]?.innerText || it.innerText || "";
  return name.trim().replace(/\\s+/g, " ").replace(" (optional)", "");
}"""
# Drawn around itself or, for a card to choose, around its label; and on the screen, not under it.
IS_SEEN = """() => {
  const it = document.activeElement, box = it.getBoundingClientRect();
  const drawn = [it, it.closest("label"), it.labels?.[0]].filter(Boolean).map(getComputedStyle);
  const ring = drawn.some((style) => style.outlineStyle !== "none" && style.outlineWidth !== "0px"
    || style.boxShadow !== "none");
  return ring && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
}"""


class Keyboard:
    def __init__(self, page: Page) -> None:
        self.page = page

    def open(self, path: str) -> None:
        """Type an address, as after clicking a link in a mail program."""
        self.page.goto(path)

    def go_to(self, name: str) -> None:
        """Press Tab until what is called so, or so to begin with, has the focus.

        The focus has to show at every stop.
        """
        passed = []
        for _ in range(FARTHEST):
            if f"{self.focused()} ".startswith(f"{name} "):
                return
            self.page.keyboard.press("Tab")
            passed.append(self.focused())
            if passed[-1]:
                assert self.page.evaluate(IS_SEEN), f"{passed[-1]!r} has the focus unseen."
        raise AssertionError(f"Nothing called {name!r} is reached by Tab, only {passed}.")

    def focused(self) -> str:
        """Return the name of what has the focus; empty where nothing has it."""
        at_rest: bool = self.page.evaluate(
            "['BODY', 'MAIN'].includes(document.activeElement.tagName)"
        )
        return "" if at_rest else str(self.page.evaluate(FOCUSED))

    def type(self, name: str, text: str) -> None:
        self.go_to(name)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def check(self, name: str) -> None:
        self.go_to(name)
        self.page.keyboard.press("Space")

    def press(self, name: str, *, then: str | None = None) -> None:
        """Press Enter on a button or a link; `then` is the heading of the page that follows."""
        self.go_to(name)
        self.page.keyboard.press("Enter")
        if then is not None:
            self.page.wait_for_selector(f"h1:text-is('{then}')")

    def send(self, *, then: str) -> None:
        """Press Enter within a form, where it is the same as its button."""
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector(f"h1:text-is('{then}')")
