"""Reading the mails that the paperwork sends."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from werkzeug.test import TestResponse

from app.mail.models import Message
from tests.client import Client

PASSPHRASE = "seven quiet otters juggle"


@pytest.fixture
def mailed(outbox: Callable[[], list[Message]]) -> Callable[[str], list[Message]]:
    """Return the mails that went to an address, the oldest first."""

    def to(address: str) -> list[Message]:
        return [message for message in outbox() if message.recipient == address]

    return to


@pytest.fixture
def link(mailed: Callable[[str], list[Message]]) -> Callable[[str], str]:
    """Return the path of the link in the last mail that went to an address."""

    def to(address: str) -> str:
        return link_in(mailed(address)[-1])

    return to


def link_in(mail: Message) -> str:
    return urlsplit(re.findall(r"https?://\S+", mail.text)[0]).path


def choose_password(client: Client, link: str, password: str = PASSPHRASE) -> TestResponse:
    """Open the link of a registration and choose a password there."""
    return client.submit(link, password=password)
