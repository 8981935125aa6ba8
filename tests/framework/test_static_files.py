"""Static files are cached for a year and compressed."""

import gc
import re
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from time import process_time

import pytest
from flask import url_for

from app.application import Application
from app.web.static_files import IMMUTABLE
from tests.client import Client
from tests.conftest import visitor

BROWSER = {"Accept-Encoding": "gzip, deflate, br"}
MOST_OF_A_FIRST_PAGE = 60_000


def files_of(client: Client, path: str) -> list[str]:
    page = client.page(path)
    urls = [element.get("href") for element in page.all("link")]
    return [address for address in urls + [e.get("src") for e in page.all("script")] if address]


def test_a_file_with_its_digest_is_cached_for_a_year(client: Client) -> None:
    addresses = files_of(client, "/")
    assert len(addresses) >= 4
    for address in addresses:
        assert "?v=" in address
        response = client.get(address, buffered=True)
        assert (response.status_code, response.headers["Cache-Control"]) == (200, IMMUTABLE)


def test_a_file_without_its_digest_is_revalidated(client: Client) -> None:
    response = client.get("/static/app.css", buffered=True)
    assert response.headers["Cache-Control"] != IMMUTABLE
    again = {"If-None-Match": response.headers["ETag"]}
    assert client.get("/static/app.css", headers=again, buffered=True).status_code == 304


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_a_compressed_file_has_the_same_content(client: Client, encoding: str) -> None:
    [address] = [file for file in files_of(client, "/") if "app.js" in file]
    plain = client.get(address, buffered=True).data
    response = client.get(address, headers={"Accept-Encoding": encoding}, buffered=True)
    assert response.headers["Content-Encoding"] == encoding
    assert "Accept-Encoding" in response.headers["Vary"]
    assert len(response.data) < len(plain) / 2
    again = {"Accept-Encoding": encoding, "If-None-Match": response.headers["ETag"]}
    assert client.get(address, headers=again, buffered=True).status_code == 304


def test_a_missing_file_is_a_404_that_is_not_cached(client: Client) -> None:
    response = client.get("/static/nowhere.css?v=1")
    assert response.status_code == 404
    assert "max-age" not in response.headers["Cache-Control"]


def test_the_first_page_is_small(client: Client) -> None:
    weight = len(client.get("/", headers=BROWSER).data)
    for address in files_of(client, "/"):
        weight += len(client.get(address, headers=BROWSER, buffered=True).data)
    assert weight < MOST_OF_A_FIRST_PAGE


def test_pages_are_not_compressed(as_alice: Client) -> None:
    assert "Content-Encoding" not in as_alice.get("/account", headers=BROWSER).headers


def test_a_changed_file_is_shown_at_once_in_development(
    make_app: Callable[..., Application],
) -> None:
    client = visitor(make_app(DEBUG=True))
    [address] = [file for file in files_of(client, "/") if "app.css" in file]
    assert client.get(address, buffered=True).status_code == 200


# --- Names ---------------------------------------------------------------------------------------

LARGE = "css/bootstrap.min.css"
OTHER_NAMES = [
    "/bootstrap/static/{}/../css/bootstrap.min.css",
    "/bootstrap/static/{}/../../css/../css/bootstrap.min.css",
    "/bootstrap/static/css/{}/%2e%2e/bootstrap.min.css",
    "/bootstrap/static/./css/bootstrap.min.css",
    "/bootstrap/static/css//bootstrap.min.css",
    "/bootstrap/static/css/bootstrap.min.css/",
    "/bootstrap/static/css/./bootstrap.min.css",
    "/static/{}/../app.css",
    "/static/./app.css",
    "/static/../static/app.css",
]
UNUSED = ["icons/bootstrap-icons.svg", "js/bootstrap.min.js", "umd/popper.min.js"]


@pytest.mark.parametrize("name", OTHER_NAMES)
def test_a_file_has_one_name(client: Client, name: str) -> None:
    assert client.get(name.format("x"), headers=BROWSER).status_code == 404


@pytest.mark.parametrize("name", UNUSED)
def test_a_file_that_no_page_uses_is_not_served(client: Client, name: str) -> None:
    assert client.get(f"/bootstrap/static/{name}", headers=BROWSER).status_code == 404
    assert client.get(f"/bootstrap/static/x/../{name}", headers=BROWSER).status_code == 404


def test_url_for_says_where_to_add_a_file_that_is_not_served(app: Application) -> None:
    with (
        app.test_request_context(),
        pytest.raises(LookupError, match=r"SERVED in app/web/static_f"),
    ):
        url_for("bootstrap.static", filename="js/bootstrap.min.js")


def test_every_file_used_by_a_template_is_served(client: Client) -> None:
    named = {
        (kind.removesuffix(".") or "", name)
        for template in Path(__file__)
        .parent.parent.parent.joinpath("app/templates")
        .rglob("*.html")
        for kind, name in re.findall(
            r'url_for\("(\w*\.?)static", filename="([^"]+)"\)', template.read_text()
        )
    }
    assert ("bootstrap", LARGE) in named
    for owner, name in named:
        response = client.get(f"/{owner}/static/{name}".replace("//", "/"), buffered=True)
        assert response.status_code == 200, name


def test_many_names_and_digests_of_a_file_take_little_memory(
    make_app: Callable[..., Application],
) -> None:
    client = visitor(make_app(LOG_LEVEL="WARNING"))  # pytest keeps all log lines

    def request_file(number: int) -> None:
        for name in (f"/bootstrap/static/{LARGE}?v={{}}", *OTHER_NAMES):
            client.get(name.format(number), headers=BROWSER, buffered=True)

    began = process_time()
    request_file(0)
    first, began = process_time() - began, process_time()
    for number in range(1, 30):
        request_file(number)
    assert process_time() - began < 29 * first / 5  # the file was compressed once
    tracemalloc.start()
    request_file(30)
    before = tracemalloc.get_traced_memory()[0]
    for number in range(31, 41):
        request_file(number)
    gc.collect()
    allocated = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert allocated < 100_000  # ten copies of the file take 250 kB


def test_a_file_with_a_wrong_digest_is_not_cached(client: Client) -> None:
    response = client.get("/static/app.css?v=123456789abc", buffered=True)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] != IMMUTABLE
