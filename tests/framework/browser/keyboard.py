"""Use a page with the keyboard alone, and find elements by their accessible names."""

from playwright.sync_api import Page

MAX_TABS = 60  # presses of Tab until an element counts as unreachable

FOCUSED = """() => {
  const it = document.activeElement;
  const name = it.getAttribute("aria-label") || it.labels?.[0]?.innerText || it.innerText || "";
  return name.trim().replace(/\\s+/g, " ").replace(" (optional)", "");
}"""
# The focus ring is around the element or, on a card, its label; and on the screen.
IS_VISIBLE = """() => {
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
        """Open a URL, as by a click in an email program."""
        self.page.goto(path)

    def go_to(self, name: str) -> None:
        """Press Tab until the element whose name begins with `name` has the focus.

        Raises AssertionError if the focus is invisible on the way.
        """
        passed = []
        for _ in range(MAX_TABS):
            if f"{self.focused()} ".startswith(f"{name} "):
                return
            self.page.keyboard.press("Tab")
            passed.append(self.focused())
            if passed[-1]:
                assert self.page.evaluate(IS_VISIBLE), (
                    f"{passed[-1]!r} has the focus, but no visible focus ring."
                )
        raise AssertionError(f"{name!r} is not reached by Tab, only {passed}.")

    def focused(self) -> str:
        """Return the name of the focused element, or "" if there is none."""
        is_unfocused: bool = self.page.evaluate(
            "['BODY', 'MAIN'].includes(document.activeElement.tagName)"
        )
        return "" if is_unfocused else str(self.page.evaluate(FOCUSED))

    def type(self, name: str, text: str) -> None:
        self.go_to(name)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def check(self, name: str) -> None:
        self.go_to(name)
        self.page.keyboard.press("Space")

    def press(self, name: str, *, then: str | None = None) -> None:
        """Press Enter on a button or a link; `then` is the heading of the next page."""
        self.go_to(name)
        self.page.keyboard.press("Enter")
        if then is not None:
            self.page.wait_for_selector(f"h1:text-is('{then}')")

    def send(self, *, then: str) -> None:
        """Press Enter in a form, which submits it; `then` is the heading of the next page."""
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector(f"h1:text-is('{then}')")
