"""A2: response times do not reveal whether an address has an account.

`make timing` runs this. Each request is sent 50 times for addresses with an account and 50 times
for others, alternately, over real connections. The medians may differ by at most a tenth, in wall
time and in CPU time. CPU time does not depend on the load of the machine; wall time does, so a
measurement with a larger difference is repeated up to three times.
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
MAX_DIFFERENCE = 0.10
ROUNDS = 3
KINDS = ("account", "none")
# Seconds of wall time and of CPU time.
Took = tuple[float, float]
Operation = Callable[[Browser, str, Clock], Took]


@dataclass
class Site:
    port: int
    database_url: str

    def has(self, address: str) -> None:
        create_user(self.database_url, address)


@pytest.fixture
def site(make_app: Callable[..., Application], clean_database: str) -> Iterator[Site]:
    """The site, with limits of sign-in attempts that these tests do not reach."""
    many = {"LOGIN_ATTEMPTS": 10 * TRIES, "LOGIN_ATTEMPTS_PER_ADDRESS": 10 * TRIES}
    with serving(make_app(**many)) as port:
        yield Site(port, clean_database)


def send(browser: Browser, path: str, status: int = 303, **fields: str) -> Took:
    """Fill in and send the form of a page; return the time until its response."""
    filled = Page(browser.get(path).text).fields_for(path) | fields
    started, worked = perf_counter(), process_time()
    response = browser.post(path, **filled)
    took = perf_counter() - started, process_time() - worked
    assert response.status == status
    return took


def sign_in(browser: Browser, email: str, clock: Clock) -> Took:
    return send(browser, "/login", 422, email=email, password="a wrong password")


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


@pytest.mark.parametrize("operation", [sign_in, register, reset, register_again, reset_again])
def test_a2_response_times_do_not_reveal_accounts(
    site: Site, clock: Clock, operation: Operation, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(ROUNDS):
        wall, cpu = compare(site, clock, operation, number)
        with capsys.disabled():
            kind = site.database_url.partition(":")[0]
            print(f"\n{operation.__name__:14} {kind:10} wall {wall:.2f}, CPU {cpu:.2f}")
        if abs(wall - 1) <= MAX_DIFFERENCE:
            break
    assert abs(wall - 1) <= MAX_DIFFERENCE
    assert abs(cpu - 1) <= MAX_DIFFERENCE


def compare(site: Site, clock: Clock, operation: Operation, number: int) -> tuple[float, float]:
    """Return the ratio of the median times without and with an account: wall, CPU."""
    took: dict[str, list[Took]] = {kind: [] for kind in KINDS}
    for place in range(TRIES):
        addresses = {kind: f"{kind}-{number}-{place}@example.com" for kind in KINDS}
        site.has(addresses["account"])
        for kind in sorted(KINDS, reverse=bool(place % 2)):
            took[kind].append(operation(Browser(site.port), addresses[kind], clock))
    account, none = ([median(times) for times in zip(*took[kind], strict=True)] for kind in KINDS)
    return none[0] / account[0], none[1] / account[1]
