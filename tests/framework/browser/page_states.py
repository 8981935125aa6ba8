"""A page in a state, which test_pages.py checks, and the functions that open it so.

The states of a part are in states/<part>.py, in a list PAGE_STATES.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from playwright.sync_api import Page

from app import PARTS
from tests.framework.browser.served_site import Site

Act = Callable[[Page, Site], object]
ERIN = "erin@example.com"
SEND = "main .form [type=submit]"
TOKENS = "[name=csrf_token]"
LONG = "Adalbert-Maximilian Freiherr von und zu Donaudampfschifffahrtsgesellschaftskapitän"


@dataclass(frozen=True)
class PageState:
    """A page, named as its template, in a state, and the function that opens it so."""

    page: str
    state: str
    act: Act
    person: str | None = None
    # Whether it exists only in debug mode.
    in_debug_mode: bool = False

    def __str__(self) -> str:
        return f"{self.page}-{self.state}".replace("/", "-").replace(" ", "-")


def opened(path: str) -> Act:
    return lambda page, site: page.goto(path)


def filled(path: str, **fields: str) -> Act:
    """Fill in the form of the page, but do not send it."""

    def fill(page: Page, site: Site) -> None:
        page.goto(path)
        for name, value in fields.items():
            page.fill(f"main .form [name={name}]", value)

    return fill


def sent(path: str, **fields: str) -> Act:
    """Fill in the form of the page, and send it."""

    def send(page: Page, site: Site) -> None:
        filled(path, **fields)(page, site)
        page.click(SEND)
        page.wait_for_load_state()

    return send


def clicked(path: str, selector: str) -> Act:
    def click(page: Page, site: Site) -> None:
        page.goto(path)
        page.click(selector)

    return click


def to_second_page(path: str, page: Page) -> None:
    page.goto(path)
    page.click("[rel=next]")
    page.wait_for_selector("[rel=prev]")


def too_late(path: str, button: str, **fields: str) -> Act:
    """Send a form with an invalid CSRF token."""

    def send(page: Page, site: Site) -> None:
        filled(path, **fields)(page, site)
        page.eval_on_selector_all(TOKENS, "tokens => tokens.forEach((it) => { it.value = 'x' })")
        page.click(button)
        page.wait_for_load_state()

    return send


def all_states() -> list[PageState]:
    """Return the states of all parts, in the order of PARTS."""
    order = [part.__name__.removeprefix("app.") for part in PARTS]
    names = [path.stem for path in (Path(__file__).parent / "states").glob("*.py")]
    modules = [
        import_module(f"tests.framework.browser.states.{name}")
        for name in sorted(names, key=order.index)
    ]
    return [shown for module in modules for shown in module.PAGE_STATES]
