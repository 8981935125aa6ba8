"""MAIL_DAILY_LIMIT: how many emails a day visitors can have sent to an address."""

from collections.abc import Callable

import pytest

from app.application import Application
from app.mail.models import Message
from app.users.models import User
from tests.client import Client
from tests.conftest import Clock, visitor
from tests.emailed_links import PASSPHRASE

Mailed = Callable[[str], list[Message]]
Link = Callable[[str], str]


@pytest.fixture
def site(make_app: Callable[..., Application]) -> Application:
    return make_app(MAIL_DAILY_LIMIT=3)


def request_resets(client: Client, clock: Clock, email: str, times: int = 1) -> list[str]:
    """Request a reset once a minute; return the status and location of each response."""
    responses = []
    for _ in range(times):
        response = client.submit("/reset", email=email)
        responses.append(f"{response.status} {response.location}")
        clock.forward(minutes=1)
    return responses


@pytest.mark.parametrize("email", ["alice@example.com", "nobody@example.com"])
def test_emails_beyond_the_limit_are_withheld_and_the_visitor_learns_nothing(
    site: Application, alice: User, email: str, mailed: Mailed, clock: Clock
) -> None:
    responses = request_resets(visitor(site), clock, email, times=8)
    assert len(set(responses)) == 1
    # The limit, and one more in this hour.
    assert len(mailed(email)) == 4


def test_the_last_link_still_works_and_an_hour_later_there_is_another(
    site: Application, alice: User, mailed: Mailed, link: Link, clock: Clock
) -> None:
    attacker = visitor(site)
    request_resets(attacker, clock, alice.email, times=8)
    assert visitor(site).get(link(alice.email)).status_code == 200
    clock.forward(hours=1)
    request_resets(attacker, clock, alice.email, times=8)
    assert len(mailed(alice.email)) == 5
    hers = visitor(site)
    assert hers.submit(link(alice.email), password=PASSPHRASE).status_code == 303


def test_emails_of_another_kind_do_not_count_towards_a_reset(
    site: Application, alice: User, mailed: Mailed, link: Link, clock: Clock
) -> None:
    request_resets(visitor(site), clock, alice.email, times=3)
    visitor(site).submit("/register", email=alice.email, password=PASSPHRASE)
    clock.forward(minutes=5)
    request_resets(visitor(site), clock, alice.email)
    assert "/reset/" in link(alice.email)


def test_security_emails_are_sent_however_many_a_visitor_requested(
    site: Application, alice: User, mailed: Mailed, link: Link, clock: Clock
) -> None:
    request_resets(visitor(site), clock, alice.email, times=8)
    before = len(mailed(alice.email))
    visitor(site).submit(link(alice.email), password=PASSPHRASE)
    visitor(site).sign_in(alice.email, PASSPHRASE)
    assert len(mailed(alice.email)) == before + 2


def test_another_address_has_a_limit_of_its_own_and_the_next_day_a_new_one(
    site: Application, alice: User, bob: User, mailed: Mailed, clock: Clock
) -> None:
    request_resets(visitor(site), clock, alice.email, times=8)
    request_resets(visitor(site), clock, bob.email)
    assert len(mailed(bob.email)) == 1
    clock.forward(days=1)
    before = len(mailed(alice.email))
    request_resets(visitor(site), clock, alice.email, times=3)
    assert len(mailed(alice.email)) == before + 3


def test_withheld_emails_are_logged_without_their_addresses(
    make_app: Callable[..., Application],
    alice: User,
    clock: Clock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    site = make_app(MAIL_DAILY_LIMIT=3)
    request_resets(visitor(site), clock, alice.email, times=24)
    lines = [record.getMessage() for record in caplog.records if "withheld" in record.message]
    assert lines == ["an email was withheld (reset): MAIL_DAILY_LIMIT is reached"] * 2
