"""A2, measured: how long an answer takes does not tell who has an account.

`make timing` runs this. Each question is asked 50 times about addresses with an account and 50
times about others, in turns, over real connections; the medians may differ by a tenth.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import pytest

from app.application import Application
from tests.accounts.conftest import PASSPHRASE
from tests.conftest import Clock, create_person
from tests.page import Page
from tests.server import Browser, serving

TRIES = 50
MOST_APART = 0.10
Ask = Callable[[Browser, str, Clock], float]


@dataclass
class Site:
    port: int
    database_url: str

    def has(self, address: str) -> None:
        create_person(self.database_url, address)


@pytest.fixture
def site(make_app: Callable[..., Application], clean_database: str) -> Iterator[Site]:
    """The site, where nobody is slowed down for asking too often."""
    many = {"LOGIN_ATTEMPTS": 10 * TRIES, "LOGIN_ATTEMPTS_PER_ADDRESS": 10 * TRIES}
    with serving(make_app(**many)) as port:
        yield Site(port, clean_database)


def send(browser: Browser, path: str, status: int = 303, **fields: str) -> float:
    """Fill in the form of a page and send it; return how many seconds its answer took."""
    filled = Page(browser.get(path).text).fields_for(path) | fields
    started = perf_counter()
    answer = browser.post(path, **filled)
    took = perf_counter() - started
    assert answer.status == status
    return took


def sign_in(browser: Browser, email: str, clock: Clock) -> float:
    return send(browser, "/login", 422, email=email, password="not the password of anybody")


def register(browser: Browser, email: str, clock: Clock) -> float:
    return send(browser, "/register", email=email, password=PASSPHRASE)


def reset(browser: Browser, email: str, clock: Clock) -> float:
    return send(browser, "/reset", email=email)


def register_again(browser: Browser, email: str, clock: Clock) -> float:
    register(browser, email, clock)
    clock.forward(minutes=1)
    return send(browser, "/check-mail")


def reset_again(browser: Browser, email: str, clock: Clock) -> float:
    reset(browser, email, clock)
    clock.forward(minutes=1)
    return send(browser, "/check-mail")


@pytest.mark.parametrize("ask", [sign_in, register, reset, register_again, reset_again])
def test_a2_the_time_does_not_tell_who_has_an_account(
    site: Site, clock: Clock, ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    took: dict[str, list[float]] = {"account": [], "none": []}
    for number in range(TRIES):
        site.has(f"known-{number}@example.com")
        whom = {"account": f"known-{number}@example.com", "none": f"other-{number}@example.com"}
        for kind in sorted(whom, reverse=bool(number % 2)):
            took[kind].append(ask(Browser(site.port), whom[kind], clock))
    account, none = (median(took[kind]) * 1000 for kind in ("account", "none"))
    with capsys.disabled():
        name = ask.__name__.replace("_", " ")
        kind = site.database_url.partition(":")[0]
        print(f"\n{name:15} {kind:11} {account:6.1f} ms and {none:6.1f} ms: {none / account:.2f}")
    assert abs(none / account - 1) <= MOST_APART
