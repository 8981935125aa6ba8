"""The site behind nginx with the deployed configuration: TLS, and client addresses."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage, HTTPResponse, HTTPSConnection
from pathlib import Path
from ssl import SSLContext
from urllib.parse import urlencode, urlsplit

import pytest

from tests.conftest import migrate
from tests.framework.drills.load import TOKEN
from tests.framework.postgresql_cluster import free_port
from tests.nginx import nginx
from tests.serving import Server, environment
from tests.view_site import run

ALICE_IS_AT = "127.0.0.2"
CLAIMED = "203.0.113.9"
FORGED = {
    "X-Forwarded-For": CLAIMED,
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Host": "evil.example",
    "X-Real-IP": CLAIMED,
    "Forwarded": f"for={CLAIMED};proto=http;host=evil.example",
}
METRICS_TOKEN = "for the tests only"


@dataclass
class Answer:
    status: int
    headers: HTTPMessage
    text: str

    @classmethod
    def read(cls, response: HTTPResponse) -> "Answer":
        return cls(response.status, response.headers, response.read().decode())


@dataclass
class Caller:
    """An HTTPS client with its own IP address and forged headers."""

    url: str
    trust: SSLContext

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> Answer:
        connection = HTTPSConnection(
            urlsplit(self.url).netloc, context=self.trust, source_address=(ALICE_IS_AT, 0)
        )
        form = {"Content-Type": "application/x-www-form-urlencoded", "Referer": self.url}
        with closing(connection):
            connection.request(method, path, body, {**FORGED, **(form if body else {}), **headers})
            return Answer.read(connection.getresponse())


@pytest.fixture(scope="module")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An empty SQLite database, because nginx works the same with both."""
    url = f"sqlite:///{tmp_path_factory.mktemp('database')}/site.sqlite3"
    migrate(url)
    return url


@pytest.fixture(scope="module")
def server(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    given = {"TRUSTED_PROXIES": "1", "METRICS_TOKEN": METRICS_TOKEN, "DATABASE_URL": database_url}
    log = tmp_path_factory.mktemp("gunicorn") / "log"
    server = Server(log, "wsgi:app", environment(**given))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("nginx")


@pytest.fixture(scope="module")
def alice_calls(server: Server, folder: Path) -> Iterator[Caller]:
    with nginx(folder, server.url) as (url, trust):
        yield Caller(url, trust)


def test_alices_address_is_on_record_and_not_what_she_claims(
    alice_calls: Caller, server: Server, database_url: str
) -> None:
    page = alice_calls.ask("GET", "/login")
    token = TOKEN.search(page.text)[1]  # type: ignore[index]  # the page has a form
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    form = urlencode({"email": "alice@example.com", "password": "x", "csrf_token": token})
    assert alice_calls.ask("POST", "/login", form, Cookie=cookie).status == 422
    recorded = run(database_url, "SELECT action, address FROM security_events")
    assert recorded == [("login.failed", ALICE_IS_AT)]
    assert ALICE_IS_AT not in server.log
    assert CLAIMED not in server.log


def test_the_site_sees_https_whatever_the_client_sends(alice_calls: Caller) -> None:
    page = alice_calls.ask("GET", "/login")
    assert page.headers["Set-Cookie"].startswith("__Host-")
    assert "; Secure" in page.headers["Set-Cookie"]
    assert page.headers["Strict-Transport-Security"]
    assert "evil.example" not in page.text
    redirect = alice_calls.ask("GET", "/account")
    assert (redirect.status, redirect.headers["Location"]) == (303, "/login?next=/account")


@pytest.mark.parametrize("host", ["localhost", "evil.example"])
def test_over_http_there_is_only_the_way_to_https(
    alice_calls: Caller, folder: Path, host: str
) -> None:
    plain = (folder / "site.conf").read_text().partition("listen 127.0.0.1:")[2].split(";")[0]
    connection = HTTPConnection("127.0.0.1", int(plain))
    with closing(connection):
        connection.request("GET", "/login?next=/account", headers={"Host": host})
        answer = Answer.read(connection.getresponse())
    assert answer.status == 308
    assert answer.headers["Location"] == "https://localhost/login?next=/account"
    assert "Set-Cookie" not in answer.headers


def test_no_stranger_gets_the_numbers_even_with_the_token(alice_calls: Caller) -> None:
    response = alice_calls.ask("GET", "/metrics", Authorization=f"Bearer {METRICS_TOKEN}")
    assert response.status == 404


def test_a_body_that_is_too_large_does_not_reach_the_site(
    alice_calls: Caller, server: Server
) -> None:
    before = len(server.lines)
    assert alice_calls.ask("POST", "/login", "x" * 1_100_000).status == 413
    assert len(server.lines) == before


def test_no_log_holds_who_asked_for_what_not_even_when_the_site_is_gone(tmp_path: Path) -> None:
    with nginx(tmp_path, f"http://127.0.0.1:{free_port()}") as (url, trust):
        assert Caller(url, trust).ask("GET", "/reset/0123456789abcdef").status == 502
    logged = "".join(path.read_text() for path in tmp_path.glob("*.log"))
    assert "0123456789abcdef" not in logged
    assert ALICE_IS_AT not in logged


def test_the_id_of_a_request_is_ours(alice_calls: Caller, server: Server) -> None:
    answer = alice_calls.ask("GET", "/login", **{"X-Request-ID": "chosen-by-a-stranger"})
    assert answer.headers["X-Request-ID"] != "chosen-by-a-stranger"
    assert "chosen-by-a-stranger" not in json.dumps(server.lines)
