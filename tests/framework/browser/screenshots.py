"""Look at a page as it is shown, and say what is wrong with it."""

from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Page, Request, Response

from tests.framework.browser.counting import COUNTED

ROOT = Path(__file__).parent.parent.parent.parent
PICTURES = ROOT / "screenshots"
THEMES = ("light", "dark")
WIDTHS = (1280, 375)
# What 400 % of zoom leaves of 1280 by 1024 pixels (WCAG 2.2, 1.4.10).
ZOOMED = {"width": 320, "height": 256}
# What stands in the console for every answer that is no 200, which ours are on purpose.
SAYS_STATUS = "Failed to load resource: the server responded with a status of 4"
# Said of the script by which these tests watch, in a frame with a mail, where nothing may run.
SAYS_SANDBOX = "Blocked script execution in "
# A busy machine paints half a page, and then the footer where it belongs: 0.002. A notice that
# pushes the page down is 0.05, and what search engines call good 0.1.
MOST_SHIFTED = 0.01

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
    """A page, and what went wrong on it while nobody looked."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    answer: Response | None = None

    def __post_init__(self) -> None:
        self.page.add_init_script(WATCH)
        self.page.on("console", self.hear)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("request", self.follow)
        self.page.on("response", self.keep)

    def hear(self, message: ConsoleMessage) -> None:
        expected = (SAYS_STATUS, SAYS_SANDBOX)
        if message.type in {"error", "warning"} and not message.text.startswith(expected):
            self.complaints.append(f"console: {message.text}")

    def follow(self, request: Request) -> None:
        asked = urlsplit(request.url)
        if asked.scheme != "data" and asked.hostname not in {"127.0.0.1", "localhost"}:
            self.complaints.append(f"asked another host: {request.url}")

    def keep(self, answer: Response) -> None:
        if answer.request.is_navigation_request() and answer.frame == self.page.main_frame:
            self.answer = answer

    def source(self) -> str:
        """Return the HTML as it was sent, before any script has touched it."""
        assert self.answer is not None
        return self.answer.text()

    def problems(self) -> list[str]:
        """Return what was wrong from its opening until now."""
        shifted = self.page.evaluate("window.shifted")
        moved = [f"moved by {shifted} while it loaded"] if shifted > MOST_SHIFTED else []
        refused: list[str] = self.page.evaluate("window.refused")
        return [*self.complaints, *moved, *refused]


def look(page: Page, name: str) -> list[str]:
    """Return what is wrong with a page in each theme and width, and take a picture of each."""
    problems: list[str] = []
    for theme in THEMES:
        for width in WIDTHS:
            page.emulate_media(color_scheme=theme)
            page.set_viewport_size({"width": width, "height": 800})
            where = f"{theme}, {width} px"
            problems += [f"{where}: {problem}" for problem in ask_axe(page)]
            problems += overflows(page, where)
            COUNTED.themes.add(theme)
            COUNTED.widths.add(width)
            PICTURES.mkdir(exist_ok=True)
            page.screenshot(path=PICTURES / f"{name}-{theme}-{width}.png", full_page=True)
    return problems + bends(page)


def bends(page: Page) -> list[str]:
    """Return what is wrong at 400 % of zoom, and when the page is read from right to left."""
    page.set_viewport_size(ZOOMED)
    problems = overflows(page, "400 %")
    page.evaluate("document.documentElement.dir = 'rtl'")
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        problems += overflows(page, f"right to left, {width} px")
    return problems


def overflows(page: Page, where: str) -> list[str]:
    """Return a complaint if the page has to be scrolled sideways, with what sticks out."""
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
    return [f"{where}: has to be scrolled sideways because of {out[:3]}"] if out else []


@cache
def axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text()


def ask_axe(page: Page) -> list[str]:
    """Return what axe finds, as rule and element; count the rules it asked."""
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
