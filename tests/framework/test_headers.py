"""The security headers of every response, and the CSRF check of every form."""

from collections.abc import Callable

import pytest
from flask import Blueprint, render_template_string
from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from app.application import Application
from app.sessions.guards import public
from app.web.headers import FIXED, POLICY_HEADER
from tests.client import Client
from tests.conftest import visitor

HEADERS = {name: value for name, _, value in [POLICY_HEADER, *FIXED]}
ANSWERS = ["/", "/login", "/nowhere", "/logout", "/account", "/static/app.css"]


@pytest.mark.parametrize("path", ANSWERS)
def test_every_response_has_the_security_headers(client: Client, path: str) -> None:
    headers = client.get(path, buffered=True).headers
    assert {name: headers.get(name) for name in HEADERS} == HEADERS


def test_the_policy_allows_nothing_from_other_sites(client: Client) -> None:
    policy = client.get("/").headers["Content-Security-Policy"]
    sources = [source for rule in policy.split("; ") for source in rule.split()[1:]]
    assert set(sources) == {"'self'", "'none'", "data:"}
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy


def test_a_page_loads_nothing_from_other_sites(client: Client) -> None:
    page = client.page("/")
    urls = [element.get("href") for element in page.all("link")]
    urls += [element.get("src") for element in page.all("script", "img")]
    assert urls
    assert all(path.startswith("/") for path in urls)
    assert {client.get(path, buffered=True).status_code for path in urls} == {200}


@pytest.mark.parametrize("path", ["/", "/account", "/preferences"])
def test_pages_of_a_signed_in_user_are_not_stored(as_alice: Client, path: str) -> None:
    assert as_alice.get(path).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/login", "/preferences", "/nowhere"])
def test_pages_of_a_visitor_are_not_stored_in_shared_caches(client: Client, path: str) -> None:
    assert client.get(path, buffered=True).headers["Cache-Control"] == "private, no-cache"


def test_a_view_can_set_its_own_cache_control(make_app: Callable[..., Application]) -> None:
    views = Blueprint("views", __name__)
    headers = {"Cache-Control": "public, max-age=60"}
    views.add_url_rule("/feed", view_func=public(lambda: ({}, headers)), endpoint="feed")
    response = visitor(make_app(views)).get("/feed")
    assert response.headers["Cache-Control"] == "public, max-age=60"


def test_a_form_without_a_csrf_token_is_rejected(as_alice: Client) -> None:
    response = as_alice.post("/account", data={"display_name": "Mallory"})
    assert response.status_code == 400
    assert "Mallory" not in as_alice.page("/account").html


def test_a_form_with_the_token_of_another_session_changes_nothing(
    as_alice: Client, as_bob: Client
) -> None:
    stolen = as_bob.csrf_token("/account")
    fields = {"display_name": "Mallory", "csrf_token": stolen}
    as_alice.get("/account")
    assert as_alice.post("/account", data=fields).status_code == 422
    assert "Mallory" not in as_alice.page("/account").html


class YesterdaysSigner(TimestampSigner):
    def get_timestamp(self) -> int:
        return super().get_timestamp() - 24 * 60 * 60


def test_a_form_left_open_since_yesterday_still_works(as_alice: Client) -> None:
    as_alice.csrf_token("/account")
    with as_alice.session_transaction() as cookie:
        kept = cookie["csrf_token"]
    key = as_alice.application.secret_key
    tokens = URLSafeTimedSerializer(key, "wtf-csrf-token", signer=YesterdaysSigner)
    fields = {"display_name": "Alice", "csrf_token": tokens.dumps(kept)}
    assert as_alice.post("/account", data=fields).status_code == 303


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/account", {"display_name": "Al\0ice"}),
        ("/login", {"email": "alice@example.com\0", "password": "x"}),
        ("/preferences", {"theme": ["dark", "da\0rk"]}),
        ("/nowhere%00", {}),
        ("/login?next=%00", {}),
    ],
)
def test_a_nul_is_rejected_before_it_reaches_the_database(
    as_alice: Client, path: str, fields: dict[str, object]
) -> None:
    token = as_alice.csrf_token("/account")
    assert as_alice.post(path, data={**fields, "csrf_token": token}).status_code == 400


def test_https_responses_have_strict_transport_security(client: Client) -> None:
    header = "Strict-Transport-Security"
    assert header not in client.get("/").headers
    header_value = client.get("/", base_url="https://localhost").headers[header]
    assert header_value == "max-age=31536000; includeSubDomains"


@pytest.mark.parametrize("path", ["/", "/login", "/nowhere"])
def test_no_other_site_may_read_a_response(path: str, client: Client) -> None:
    response = client.get(path, headers={"Origin": "https://evil.example"})
    assert not [name for name, _ in response.headers if name.startswith("Access-Control-")]


def test_trace_is_not_allowed(client: Client) -> None:
    """TRACE would show a script the cookies that it may not see."""
    assert client.open("/", method="TRACE").status_code == 405


def test_the_session_cookie_is_signed_with_sha_256(as_alice: Client) -> None:
    as_alice.submit("/account", display_name="Alice")
    [cookie] = [kept.value for key, kept in as_alice._cookies.items() if "session" in key[2]]
    signature = cookie.rpartition(".")[2]
    assert len(signature) == 43, "32 bytes in base64"


def test_an_inline_script_runs_with_a_nonce(
    make_app: Callable[..., Application],
) -> None:
    views = Blueprint("views", __name__)
    page = "<!doctype html><script nonce='{{ csp_nonce() }}'></script>{{ csp_nonce() }}"
    show = public(lambda: (render_template_string(page), {"Content-Type": "text/plain"}))
    views.add_url_rule("/script", view_func=show, endpoint="script")
    client = visitor(make_app(views))
    responses = [client.get("/script") for _ in range(2)]
    nonces = {response.text.rpartition(">")[2] for response in responses}
    assert len(nonces) == 2
    for response in responses:
        nonce = response.text.rpartition(">")[2]
        assert response.text.count(nonce) == 2
        assert f"script-src 'self' 'nonce-{nonce}'" in response.headers["Content-Security-Policy"]
        assert "unsafe" not in response.headers["Content-Security-Policy"]
