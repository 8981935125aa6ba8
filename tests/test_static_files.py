"""Files that browsers keep, and the few bytes they take on the way."""

import gzip
from pathlib import Path

from werkzeug.test import TestResponse

from app.application import Application
from tests.client import Client

SCRIPT = Path(__file__).parent.parent / "app/static/app.js"


def files_of(client: Client, path: str = "/login") -> list[str]:
    page = client.page(path)
    styles = [link.get("href") for link in page.all("link")]
    return [*styles, *(script.get("src") for script in page.all("script"))]


def fetch(client: Client, address: str, **headers: str) -> TestResponse:
    """Return the answer with the file behind it closed."""
    with client.get(address, headers=headers) as response:
        response.get_data()
        return response


def test_a_browser_keeps_every_file_of_a_page_for_a_year(client: Client) -> None:
    for address in files_of(client):
        control = fetch(client, address).cache_control
        assert (control.public, control.immutable, control.max_age) == (True, True, 31536000)
        assert control.no_cache is None


def test_a_file_that_changes_gets_another_address(app: Application, tmp_path: Path) -> None:
    app.static_folder, kept = str(tmp_path), app.static_folder
    addresses = set()
    try:
        for content in ("a", "bc"):
            (tmp_path / "x.css").write_text(content)
            with app.test_request_context():
                addresses.add(app.url_for("static", filename="x.css"))
    finally:
        app.static_folder = kept
    assert len(addresses) == 2


def test_an_address_without_the_mark_is_asked_for_again(client: Client) -> None:
    assert fetch(client, "/static/app.js").cache_control.no_cache


def test_a_file_is_compressed_for_whoever_asks(client: Client) -> None:
    response = fetch(client, "/static/app.js", **{"Accept-Encoding": "br, gzip"})
    assert response.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in response.vary
    assert gzip.decompress(response.data) == SCRIPT.read_bytes()


def test_a_file_is_plain_for_whoever_does_not(client: Client) -> None:
    response = fetch(client, "/static/app.js")
    assert "Content-Encoding" not in response.headers
    assert response.data == SCRIPT.read_bytes()


def test_a_compressed_file_that_is_known_is_not_sent_again(client: Client) -> None:
    asks = {"Accept-Encoding": "gzip"}
    etag = fetch(client, "/static/app.js", **asks).headers["ETag"]
    again = fetch(client, "/static/app.js", **asks, **{"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")


def test_a_page_is_not_compressed(client: Client) -> None:
    assert (
        "Content-Encoding" not in client.get("/login", headers={"Accept-Encoding": "gzip"}).headers
    )


def test_a_file_that_is_not_there_is_a_page_that_says_so(client: Client) -> None:
    assert client.get("/static/nothing.css").status_code == 404
