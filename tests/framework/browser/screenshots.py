"""Check a page as the browser shows it, and save screenshots."""

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request, Response

from tests.framework.browser.counting import COUNTED

ROOT = Path(__file__).parent.parent.parent.parent
SCREENSHOTS = ROOT / "screenshots"
THEMES = ("light", "dark")
WIDTHS = (1280, 375)
# 1280 by 1024 pixels at 400 % zoom (WCAG 2.2, 1.4.10).
ZOOMED = {"width": 320, "height": 256}
# Chromium logs each response that is not 200; the tests expect such responses.
STATUS_MESSAGE = "Failed to load resource: the server responded with a status of 4"
# Logged for WATCH in the sandboxed frame of an email, where no script may run.
SANDBOX_MESSAGE = "Blocked script execution in "
# Layout shift score. On a busy machine the footer moves when a page is painted twice: 0.002.
# A notice that pushes the page down is 0.05. Search engines rate less than 0.1 as good.
MAX_SHIFT = 0.01

WATCH = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const shift of list.getEntries()) if (!shift.hadRecentInput) window.shifted += shift.value;
}).observe({ type: "layout-shift", buffered: true });
window.refused = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.refused.push(`${event.violatedDirective} refused ${event.blockedURI}`);
});
"""
RULES = {
    "resultTypes": ["violations", "incomplete"],
    # Off by default, and part of WCAG 2.2 AA (2.5.8).
    "rules": {"target-size": {"enabled": True}},
}


@dataclass
class Watched:
    """A page, with the errors in its console and its requests to other hosts."""

    page: Page
    errors: list[str] = field(default_factory=list)
    response: Response | None = None

    def __post_init__(self) -> None:
        self.page.add_init_script(WATCH)
        self.page.on("console", self.note_console)
        self.page.on("pageerror", lambda error: self.errors.append(f"error: {error}"))
        self.page.on("request", self.note_request)
        self.page.on("response", self.store_response)

    def note_console(self, message: ConsoleMessage) -> None:
        expected = (STATUS_MESSAGE, SANDBOX_MESSAGE)
        if message.type in {"error", "warning"} and not message.text.startswith(expected):
            self.errors.append(f"console: {message.text}")

    def note_request(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme != "data" and url.hostname not in {"127.0.0.1", "localhost"}:
            self.errors.append(f"request to another host: {request.url}")

    def store_response(self, response: Response) -> None:
        if response.request.is_navigation_request() and response.frame == self.page.main_frame:
            self.response = response

    def source(self) -> str:
        """Return the HTML as it was sent, before scripts changed it."""
        assert self.response is not None
        return self.response.text()

    def problems(self) -> list[str]:
        """Return all problems since the page was opened."""
        shifted = self.page.evaluate("window.shifted")
        moved = [f"layout shift of {shifted} while loading"] if shifted > MAX_SHIFT else []
        refused: list[str] = self.page.evaluate("window.refused")
        return [*self.errors, *moved, *refused]


def check_layout(page: Page, name: str) -> list[str]:
    """Return the problems of a page in each theme and width, and save a screenshot of each."""
    problems: list[str] = []
    for theme in THEMES:
        for width in WIDTHS:
            page.emulate_media(color_scheme=theme)
            page.set_viewport_size({"width": width, "height": 800})
            where = f"{theme}, {width} px"
            problems += [f"{where}: {problem}" for problem in run_axe(page)]
            problems += overflows(page, where)
            COUNTED.themes.add(theme)
            COUNTED.widths.add(width)
            SCREENSHOTS.mkdir(exist_ok=True)
            page.screenshot(path=SCREENSHOTS / f"{name}-{theme}-{width}.png", full_page=True)
    return problems + zoom_and_direction_problems(page)


def zoom_and_direction_problems(page: Page) -> list[str]:
    """Return the problems at 400 % zoom, and in a right-to-left language."""
    page.set_viewport_size(ZOOMED)
    problems = overflows(page, "400 %")
    page.evaluate("document.documentElement.dir = 'rtl'")
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        problems += overflows(page, f"right to left, {width} px")
    return problems


def overflows(page: Page, where: str) -> list[str]:
    """Return a problem if the page scrolls horizontally, with the elements that overflow."""
    out: list[str] = page.evaluate(
        """() => {
            const page = document.documentElement;
            if (page.scrollWidth <= page.clientWidth) return [];
            return [...document.querySelectorAll("body *")]
                .filter((it) => { const box = it.getBoundingClientRect();
                    return box.right > page.clientWidth + 1 || box.left < -1; })
                .map((it) => it.outerHTML.slice(0, 100));
        }"""
    )
    return [f"{where}: scrolls horizontally because of {out[:3]}"] if out else []


@cache
def axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text()


def run_axe(page: Page) -> list[str]:
    """Return the violations that axe finds; count the rules."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(axe())
    found: dict[str, Any] = page.evaluate("options => axe.run(document, options)", RULES)
    COUNTED.runs += 1
    applied = [found[kind] for kind in ("passes", "violations", "incomplete")]
    COUNTED.rules_that_applied |= {rule["id"] for rules in applied for rule in rules}
    COUNTED.rules |= COUNTED.rules_that_applied | {rule["id"] for rule in found["inapplicable"]}
    return [
        f"{rule['id']}: {node['html'][:120]} ({node['failureSummary']})"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]
