"""The links in emails, and the pages that they open."""

import re
from urllib.parse import urlsplit

from werkzeug.test import TestResponse

from app.mail.models import Message
from tests.client import Client

# The password that a user chooses after opening a link.
PASSPHRASE = "seven quiet otters juggle"


def link_in(mail: Message) -> str:
    """Return the path of the first link in an email, with its query if it has one."""
    url = urlsplit(re.findall(r"https?://\S+", mail.text)[0])
    return f"{url.path}?{url.query}" if url.query else url.path


def choose_password(client: Client, link: str, password: str = PASSPHRASE) -> TestResponse:
    """Open the link of a registration and choose a password there."""
    return client.submit(link, password=password)
