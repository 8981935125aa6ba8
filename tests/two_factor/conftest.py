"""Alice with an authenticator app and ten recovery codes."""

from collections.abc import Callable

import pytest

from app.application import Application
from app.mail.models import Message
from app.users.models import User
from tests.conftest import Clock
from tests.two_factor.phones import Phone, phone_of, wait_for_a_new_code


@pytest.fixture
def alices(app: Application, alice: User, clock: Clock) -> tuple[Phone, list[str]]:
    """The authenticator app and the recovery codes that Alice has just set up."""
    held = phone_of(app, alice)
    wait_for_a_new_code(clock)
    return held


@pytest.fixture
def phone(alices: tuple[Phone, list[str]]) -> Phone:
    return alices[0]


@pytest.fixture
def recovery_codes(alices: tuple[Phone, list[str]]) -> list[str]:
    """Alice's recovery codes."""
    return alices[1]


@pytest.fixture
def subjects(outbox: Callable[[], list[Message]]) -> Callable[[], list[str]]:
    """Return the subjects of all emails, oldest first."""
    return lambda: [message.subject for message in outbox()]
