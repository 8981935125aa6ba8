"""Style sheets, scripts and pictures: fetched once, and small on the way."""

from collections.abc import Callable

import pytest

from app.application import Application
from app.static_files import FOR_EVER
from tests.client import Client
from tests.conftest import visitor

BROWSER = {"Accept-Encoding": "gzip, deflate, br"}
MOST_OF_A_FIRST_PAGE = 60_000


def files_of(client: Client, path: str) -> list[str]:
    page = client.page(path)
    asked = [element.get("href") for element in page.all("link")]
    return [address for address in asked + [e.get("src") for e in page.all("script")] if address]


def test_a_file_is_kept_for_a_year_under_the_digest_of_what_is_in_it(client: Client) -> None:
    addresses = files_of(client, "/")
    assert len(addresses) >= 4
    for address in addresses:
        assert "?v=" in address
        answer = client.get(address, buffered=True)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, FOR_EVER)


def test_a_file_without_its_digest_is_asked_for_again(client: Client) -> None:
    answer = client.get("/static/app.css", buffered=True)
    assert answer.headers["Cache-Control"] != FOR_EVER
    again = {"If-None-Match": answer.headers["ETag"]}
    assert client.get("/static/app.css", headers=again, buffered=True).status_code == 304


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_a_compressed_file_is_what_it_was(client: Client, encoding: str) -> None:
    [address] = [file for file in files_of(client, "/") if "app.js" in file]
    plain = client.get(address, buffered=True).data
    answer = client.get(address, headers={"Accept-Encoding": encoding}, buffered=True)
    assert answer.headers["Content-Encoding"] == encoding
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert len(answer.data) < len(plain) / 2
    again = {"Accept-Encoding": encoding, "If-None-Match": answer.headers["ETag"]}
    assert client.get(address, headers=again, buffered=True).status_code == 304


def test_a_missing_file_is_a_404_for_nobody_to_keep(client: Client) -> None:
    answer = client.get("/static/nowhere.css?v=1")
    assert answer.status_code == 404
    assert "max-age" not in answer.headers["Cache-Control"]


def test_the_first_page_weighs_little(client: Client) -> None:
    weight = len(client.get("/", headers=BROWSER).data)
    for address in files_of(client, "/"):
        weight += len(client.get(address, headers=BROWSER, buffered=True).data)
    assert weight < MOST_OF_A_FIRST_PAGE


def test_pages_with_secrets_in_them_are_not_compressed(as_alice: Client) -> None:
    assert "Content-Encoding" not in as_alice.get("/account", headers=BROWSER).headers


def test_development_shows_a_changed_file_at_once(make_app: Callable[..., Application]) -> None:
    client = visitor(make_app(DEBUG=True))
    [address] = [file for file in files_of(client, "/") if "app.css" in file]
    assert client.get(address, buffered=True).status_code == 200
