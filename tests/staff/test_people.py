"""Staff find a user and see the state of the account, but no secret."""

from collections.abc import Callable

from app.audit.models import SecurityEvent
from app.users.models import User
from tests.client import Client

EventsOf = Callable[[User], list[SecurityEvent]]


def test_support_finds_a_user_by_the_start_of_the_address(
    as_support: Client, alice: User, bob: User
) -> None:
    found = as_support.page("/staff/people?q=ALI").text
    assert "alice@example.com" in found
    assert "bob@example.com" not in found


def test_the_page_of_a_user_shows_the_account(as_support: Client, alice: User) -> None:
    as_support.page(f"/staff/people/{alice.id}")
