"""What programs look for without being told."""

from datetime import datetime, timedelta

import pytest

from app.clock import now
from tests.client import Client


@pytest.mark.parametrize("path", ["/robots.txt", "/.well-known/security.txt"])
def test_programs_are_answered_in_plain_text(client: Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")
    assert "Set-Cookie" not in answer.headers


def test_the_icon_that_old_browsers_ask_for_is_there(client: Client) -> None:
    answer = client.get("/favicon.ico", follow_redirects=True, buffered=True)
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")


def test_whoever_finds_a_weakness_is_told_whom_to_tell(client: Client) -> None:
    lines = client.get("/.well-known/security.txt").text.splitlines()
    told = dict(line.split(": ", 1) for line in lines)
    assert told["Contact"].startswith("http")
    expires = datetime.fromisoformat(told["Expires"])
    assert timedelta(days=30) < expires - now() < timedelta(days=365)


def test_password_managers_find_where_to_change_a_password(client: Client) -> None:
    answer = client.get("/.well-known/change-password")
    assert (answer.status_code, answer.location) == (302, "/account/password")
