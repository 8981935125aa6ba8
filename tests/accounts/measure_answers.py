"""A2, measured: how long an answer takes does not tell who has an account.

`make timing` runs this. Each question is asked 50 times about addresses with an account and 50
times about others, in turns, over real connections; the medians may differ by a tenth. Beside the
time on the wall the processor's is taken, which is the same however busy the machine is otherwise.
Where it is so busy that the wall's differs, all is asked again, up to three times: chance does not
repeat itself, and a difference does.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from time import perf_counter, process_time

import pytest

from app.application import Application
from tests.conftest import Clock, create_user
from tests.page import Page
from tests.server import Browser, serving

TRIES = 50
MOST_APART = 0.10
ROUNDS = 3
KINDS = ("account", "none")
# Seconds on the wall, and of the processor.
Took = tuple[float, float]
Ask = Callable[[Browser, str, Clock], Took]


@dataclass
class Site:
    port: int
    database_url: str

    def has(self, address: str) -> None:
        create_user(self.database_url, address)


@pytest.fixture
def site(make_app: Callable[..., Application], clean_database: str) -> Iterator[Site]:
    """The site, where nobody is slowed down for asking too often."""
    many = {"LOGIN_ATTEMPTS": 10 * TRIES, "LOGIN_ATTEMPTS_PER_ADDRESS": 10 * TRIES}
    with serving(make_app(**many)) as port:
        yield Site(port, clean_database)


def send(browser: Browser, path: str, status: int = 303, **fields: str) -> Took:
    """Fill in the form of a page and send it; return how long its answer took."""
    filled = Page(browser.get(path).text).fields_for(path) | fields
    started, worked = perf_counter(), process_time()
    answer = browser.post(path, **filled)
    took = perf_counter() - started, process_time() - worked
    assert answer.status == status
    return took


def sign_in(browser: Browser, email: str, clock: Clock) -> Took:
    return send(browser, "/login", 422, email=email, password="not the password of anybody")


def register(browser: Browser, email: str, clock: Clock) -> Took:
    return send(browser, "/register", email=email)


def reset(browser: Browser, email: str, clock: Clock) -> Took:
    return send(browser, "/reset", email=email)


def register_again(browser: Browser, email: str, clock: Clock) -> Took:
    register(browser, email, clock)
    clock.forward(minutes=1)
    return send(browser, "/check-mail")


def reset_again(browser: Browser, email: str, clock: Clock) -> Took:
    reset(browser, email, clock)
    clock.forward(minutes=1)
    return send(browser, "/check-mail")


@pytest.mark.parametrize("ask", [sign_in, register, reset, register_again, reset_again])
def test_a2_the_time_does_not_tell_who_has_an_account(
    site: Site, clock: Clock, ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(ROUNDS):
        wall, processor = compare(site, clock, ask, number)
        with capsys.disabled():
            kind = site.database_url.partition(":")[0]
            print(f"\n{ask.__name__:14} {kind:10} wall {wall:.2f}, processor {processor:.2f}")
        if abs(wall - 1) <= MOST_APART:
            break
    assert abs(wall - 1) <= MOST_APART
    assert abs(processor - 1) <= MOST_APART


def compare(site: Site, clock: Clock, ask: Ask, number: int) -> tuple[float, float]:
    """Return the median time without an account over that with one, by both clocks."""
    took: dict[str, list[Took]] = {kind: [] for kind in KINDS}
    for place in range(TRIES):
        addresses = {kind: f"{kind}-{number}-{place}@example.com" for kind in KINDS}
        site.has(addresses["account"])
        for kind in sorted(KINDS, reverse=bool(place % 2)):
            took[kind].append(ask(Browser(site.port), addresses[kind], clock))
    account, none = ([median(times) for times in zip(*took[kind], strict=True)] for kind in KINDS)
    return none[0] / account[0], none[1] / account[1]
