"""Reading the mails that the paperwork sends."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from app.mail.models import Message

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
        urls = re.findall(r"https?://\S+", mailed(address)[-1].text)
        return urlsplit(urls[0]).path

    return to
