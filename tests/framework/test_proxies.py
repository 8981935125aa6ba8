"""Forwarded headers are trusted only behind a configured proxy, and hosts are checked."""

from collections.abc import Callable

import pytest
from flask import Blueprint, request

from app.application import Application
from app.sessions.guards import public
from tests.client import Client
from tests.conftest import visitor

views = Blueprint("views", __name__)
FORGED = {
    "X-Forwarded-For": "198.51.100.7, 203.0.113.9",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Prefix": "/evil",
    "X-Forwarded-Port": "444",
}


@views.get("/seen")
@public
def seen() -> dict[str, str | None]:
    return {"address": request.remote_addr, "url": request.url}


@pytest.fixture
def browser(make_app: Callable[..., Application]) -> Callable[..., Client]:
    return lambda **settings: visitor(make_app(views, **settings))


def test_forwarded_headers_are_ignored_without_a_proxy(browser: Callable[..., Client]) -> None:
    seen_request = browser().get("/seen", headers=FORGED).json
    assert seen_request == {"address": "127.0.0.1", "url": "http://localhost/seen"}


def test_one_proxy_sets_the_address_and_the_scheme(browser: Callable[..., Client]) -> None:
    seen_request = browser(TRUSTED_PROXIES="1").get("/seen", headers=FORGED).json
    assert seen_request == {"address": "203.0.113.9", "url": "https://localhost/seen"}


def test_two_proxies_are_trusted_for_two_addresses_only(
    browser: Callable[..., Client],
) -> None:
    chain = {"X-Forwarded-For": "evil, 198.51.100.7, 203.0.113.9", "X-Forwarded-Proto": "https"}
    seen_request = browser(TRUSTED_PROXIES="2").get("/seen", headers=chain).json
    assert seen_request == {"address": "198.51.100.7", "url": "https://localhost/seen"}


@pytest.mark.parametrize(
    ("passed_on", "address"),
    [
        ("203.0.113.9:5678", "203.0.113.9"),
        ("[2001:DB8::1]:5678", "2001:db8::1"),
        ("_hidden", ""),
        ("x" * 5000, ""),
    ],
    ids=["a port", "IPv6 with a port", "no address", "no address, and long"],
)
def test_the_client_address_is_a_valid_address_or_empty(
    browser: Callable[..., Client], passed_on: str, address: str
) -> None:
    headers = {"X-Forwarded-For": passed_on}
    seen_request = browser(TRUSTED_PROXIES="1").get("/seen", headers=headers).json
    assert seen_request["address"] == address


def test_an_untrusted_host_gets_a_400(browser: Callable[..., Client]) -> None:
    client = browser(TRUSTED_HOSTS="example.com, .example.org")
    assert client.get("/", headers={"Host": "example.com"}).status_code == 200
    assert client.get("/", headers={"Host": "www.example.org"}).status_code == 200
    for name in ["evil.example", "example.com.evil.example", "a b", ""]:
        response = client.get("/", headers={"Host": name})
        assert response.status_code == 400, name
        assert "evil" not in response.text


def test_an_untrusted_host_gets_problem_json(browser: Callable[..., Client]) -> None:
    headers = {"Host": "evil.example", "Accept": "application/json"}
    response = browser(TRUSTED_HOSTS="example.com").get("/", headers=headers)
    assert (response.status_code, response.mimetype) == (400, "application/problem+json")
