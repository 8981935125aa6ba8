"""URLs that programs request by convention."""

from datetime import datetime, timedelta

import pytest

from app.clock import now
from tests.client import Client


@pytest.mark.parametrize("path", ["/robots.txt", "/.well-known/security.txt"])
def test_text_files_are_plain_text_without_cookies(client: Client, path: str) -> None:
    response = client.get(path)
    assert (response.status_code, response.mimetype) == (200, "text/plain")
    assert "Set-Cookie" not in response.headers


def test_favicon_ico_leads_to_the_icon(client: Client) -> None:
    response = client.get("/favicon.ico", follow_redirects=True, buffered=True)
    assert (response.status_code, response.mimetype) == (200, "image/svg+xml")


def test_security_txt_has_a_contact_and_expires_within_a_year(client: Client) -> None:
    lines = client.get("/.well-known/security.txt").text.splitlines()
    fields = dict(line.split(": ", 1) for line in lines)
    assert fields["Contact"].startswith("http")
    expires = datetime.fromisoformat(fields["Expires"])
    assert timedelta(days=30) < expires - now() < timedelta(days=365)


def test_password_managers_find_the_password_page(client: Client) -> None:
    response = client.get("/.well-known/change-password")
    assert (response.status_code, response.location) == (302, "/account/password")
