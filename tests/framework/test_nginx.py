"""The site behind nginx with the deployed configuration: TLS, and client addresses."""

import json
import re
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
from tests.nginx import SITE, nginx
from tests.serving import Server, environment
from tests.view_site import run

ALICES_ADDRESS = "127.0.0.2"
CLAIMED = "203.0.113.9"
FORGED = {
    "X-Forwarded-For": CLAIMED,
    "X-Forwarded-Proto": "http",
    "X-Forwarded-Host": "evil.example",
    "X-Real-IP": CLAIMED,
    "Forwarded": f"for={CLAIMED};proto=http;host=evil.example",
}


@dataclass
class Response:
    status: int
    headers: HTTPMessage
    text: str

    @classmethod
    def read(cls, response: HTTPResponse) -> "Response":
        return cls(response.status, response.headers, response.read().decode())


@dataclass
class Caller:
    """An HTTPS client with its own IP address and forged headers."""

    url: str
    trust: SSLContext

    def send(self, method: str, path: str, body: str = "", **headers: str) -> Response:
        connection = HTTPSConnection(
            urlsplit(self.url).netloc, context=self.trust, source_address=(ALICES_ADDRESS, 0)
        )
        form = {"Content-Type": "application/x-www-form-urlencoded", "Referer": self.url}
        with closing(connection):
            connection.request(method, path, body, {**FORGED, **(form if body else {}), **headers})
            return Response.read(connection.getresponse())


@pytest.fixture(scope="module")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An empty SQLite database, because nginx works the same with both."""
    url = f"sqlite:///{tmp_path_factory.mktemp('database')}/site.sqlite3"
    migrate(url)
    return url


@pytest.fixture(scope="module")
def server(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    variables = {"TRUSTED_PROXIES": "1", "DATABASE_URL": database_url}
    log = tmp_path_factory.mktemp("gunicorn") / "log"
    server = Server(log, "wsgi:app", environment(**variables))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("nginx")


@pytest.fixture(scope="module")
def alices_caller(server: Server, folder: Path) -> Iterator[Caller]:
    with nginx(folder, server.url) as (url, trust):
        yield Caller(url, trust)


def test_the_recorded_address_is_the_real_one_and_not_the_forged_one(
    alices_caller: Caller, server: Server, database_url: str
) -> None:
    page = alices_caller.send("GET", "/login")
    token = TOKEN.search(page.text)[1]  # type: ignore[index]  # the page has a form
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    form = urlencode({"email": "alice@example.com", "password": "x", "csrf_token": token})
    assert alices_caller.send("POST", "/login", form, Cookie=cookie).status == 422
    recorded = run(database_url, "SELECT action, address FROM security_events")
    assert recorded == [("login.failed", ALICES_ADDRESS)]
    assert ALICES_ADDRESS not in server.log
    assert CLAIMED not in server.log


def test_the_site_sees_https_despite_forged_headers(alices_caller: Caller) -> None:
    page = alices_caller.send("GET", "/login")
    assert page.headers["Set-Cookie"].startswith("__Host-")
    assert "; Secure" in page.headers["Set-Cookie"]
    assert page.headers["Strict-Transport-Security"]
    assert "evil.example" not in page.text
    redirect = alices_caller.send("GET", "/account")
    assert (redirect.status, redirect.headers["Location"]) == (303, "/login?next=/account")


@pytest.mark.parametrize("host", ["localhost", "evil.example"])
def test_http_redirects_to_https(alices_caller: Caller, folder: Path, host: str) -> None:
    plain = (folder / "site.conf").read_text().partition("listen 127.0.0.1:")[2].split(";")[0]
    connection = HTTPConnection("127.0.0.1", int(plain))
    with closing(connection):
        connection.request("GET", "/login?next=/account", headers={"Host": host})
        response = Response.read(connection.getresponse())
    assert response.status == 308
    assert response.headers["Location"] == "https://localhost/login?next=/account"
    assert "Set-Cookie" not in response.headers


# part: monitoring
def test_a_request_for_the_metrics_does_not_reach_the_site(alices_caller: Caller) -> None:
    response = alices_caller.send("GET", "/metrics")
    assert response.status == 404
    assert "X-Request-ID" not in response.headers


# end part: monitoring


def test_a_body_that_is_too_large_does_not_reach_the_site(
    alices_caller: Caller, server: Server
) -> None:
    before = len(server.lines)
    assert alices_caller.send("POST", "/login", "x" * 1_100_000).status == 413
    assert len(server.lines) == before


def test_no_log_contains_addresses_and_paths_even_when_the_site_is_down(tmp_path: Path) -> None:
    with nginx(tmp_path, f"http://127.0.0.1:{free_port()}") as (url, trust):
        assert Caller(url, trust).send("GET", "/reset/0123456789abcdef").status == 502
    logged = "".join(path.read_text() for path in tmp_path.glob("*.log"))
    assert "0123456789abcdef" not in logged
    assert ALICES_ADDRESS not in logged


def test_the_request_id_is_set_by_nginx(alices_caller: Caller, server: Server) -> None:
    response = alices_caller.send("GET", "/login", **{"X-Request-ID": "chosen-by-a-stranger"})
    assert response.headers["X-Request-ID"] != "chosen-by-a-stranger"
    assert "chosen-by-a-stranger" not in json.dumps(server.lines)


def test_the_configuration_does_not_redirect_to_the_host_header() -> None:
    [target] = re.findall(r"^\s*return 308 (\S+);", SITE.read_text(), re.MULTILINE)
    assert target == "https://$server_name$request_uri"
