"""Malformed input is a 4xx, and never a 500."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

import pytest
from flask import Blueprint, request
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from werkzeug.routing import Rule

from app.application import Application
from app.sessions.guards import public
from app.users.models import User
from app.web.input_validation import MAX_LENGTH_FOR_WERKZEUG, decode_fields
from tests.client import Client
from tests.conftest import signed_in, visitor

HUGE = "99999999999999999999"
ODD = ["\0", "\ud800", "\u202e", "ÿ", HUGE, "-1", "%00", "%ff", "../../etc/passwd", "x" * 5000]

BOUNDARY = "multipart/form-data; boundary=b"
FORM = {"content_type": "application/x-www-form-urlencoded"}
LONG = MAX_LENGTH_FOR_WERKZEUG

views = Blueprint("views", __name__)


@views.post("/echo")
@public
def echo() -> Any:
    return {"json": request.get_json()}


@views.post("/fields")
@public
def echo_fields() -> Any:
    return {
        "args": [*request.args.items(multi=True)],
        "form": [*request.form.items(multi=True)],
        "files": [*request.files],
    }


@pytest.fixture
def echo_client(make_app: Callable[..., Application]) -> Client:
    return visitor(make_app(views, WTF_CSRF_ENABLED=False))


@pytest.mark.parametrize(
    "body",
    [
        "[" * 20_000 + "]" * 20_000,
        '{"a":' * 20_000 + "1" + "}" * 20_000,
        '"a\\u0000b"',
        '{"a\\u0000": 1}',
        '["\\ud800"]',
        b"\xff\xfe",
        "9" * 5_000,
        "{",
    ],
    ids=lambda body: str(body[:12]),
)
def test_json_that_cannot_be_stored_is_rejected(echo_client: Client, body: str | bytes) -> None:
    response = echo_client.post("/echo", data=body, content_type="application/json")
    assert response.status_code == 400


def test_valid_json_is_accepted(echo_client: Client) -> None:
    sent = {"name": "Zoë 😀 \\u0000", "list": [1, None, [[]]]}
    assert echo_client.post("/echo", json=sent).json == {"json": sent}


@pytest.mark.parametrize("number", [HUGE, 2**31, "-1", "1e3", "٣" * 20])
def test_an_id_out_of_range_is_a_404(as_alice: Client, number: object) -> None:
    token = as_alice.csrf_token("/account")
    response = as_alice.post(f"/devices/{number}/end", data={"csrf_token": token})
    assert response.status_code == 404


@pytest.mark.parametrize(
    ("headers", "path"),
    [
        ({"Cookie": "session=" + "x" * 1_000_000}, "/account"),
        ({"Cookie": "; ".join(f"c{i}={i}" for i in range(10_000))}, "/login"),
        ({"Cookie": "remember_token=a\0b; session=\0"}, "/login"),
        ({"Cookie": 'remember_token="\\377\\000"; session=%00'}, "/account"),
        ({"User-Agent": "a\0b"}, "/login"),
        ({"Accept-Language": "x" * 10_000}, "/login"),  # part: languages
        ({"Accept": "a/b;q=1e400, " * 500}, "/nowhere"),
        ({"Range": "bytes=9-1, " * 500}, "/static/app.css"),
        ({"If-None-Match": "a," * 20_000}, "/static/app.css"),
        ({"If-Modified-Since": "Thu, 99 Foo 99999 99:99:99 GMT"}, "/static/app.css"),
        ({"Content-Length": "-5"}, "/login"),
        ({"Content-Length": HUGE}, "/login"),
        ({"Content-Type": "multipart/form-data"}, "/login"),
        ({"Content-Type": "text/html; charset=\x7f"}, "/login"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_malformed_header_is_never_a_500(
    client: Client, headers: dict[str, str], path: str
) -> None:
    for method in ["GET", "POST"]:
        assert client.open(path, method=method, headers=headers, buffered=True).status_code < 500


def test_too_many_fields_are_rejected(client: Client) -> None:
    many = "&".join(f"f{i}=1" for i in range(10_000))
    assert client.get(f"/login?{many}").status_code == 413
    assert client.post("/login", data=many, **FORM).status_code == 413
    parts = {"content_type": BOUNDARY}
    long = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"x" * 600_000
    assert client.post("/login", data=long + b"\r\n--b--", **parts).status_code == 413


ENCODED = st.lists(
    st.sampled_from([*"a=&+ _;\r\n\0\u00fc", "%41", "%C3%bc", "%0d%0A", "%3D", "%26", "%2541"]),
    max_size=12,
)


@given(ENCODED)
def test_long_fields_are_decoded_as_short_ones(pieces: list[str]) -> None:
    encoded = "".join(pieces)
    assert decode_fields(encoded.encode()) == parse_qsl(encoded, keep_blank_values=True)


def test_long_fields_reach_the_view(echo_client: Client) -> None:
    long = quote("Zo\u00eb \u4f60\u597d=&%") * LONG
    sent = f"a={long}&b=1+2&b=&=x"
    both = [["a", unquote(long)], ["b", "1 2"], ["b", ""], ["", "x"]]
    in_body = echo_client.post("/fields?c=3", data=sent, **FORM).json
    assert in_body == {"args": [["c", "3"]], "form": both, "files": []}
    in_query = echo_client.post("/fields", environ_overrides={"QUERY_STRING": sent}).json
    assert in_query == {"args": both, "form": [], "files": []}


@pytest.mark.parametrize("end", ["%", "%4", "%4x", "%ff", "\udcff", "%c3", "a%ff&b=%41"])
@pytest.mark.parametrize("path", ["/fields", "/login", "/nowhere"])
def test_long_malformed_fields_are_rejected(echo_client: Client, path: str, end: str) -> None:
    sent = f"a={'x' * LONG}{end}".encode(errors="surrogateescape")
    assert echo_client.post(path, data=sent, **FORM).status_code == 400
    query = {"QUERY_STRING": sent.decode("latin-1")}
    assert echo_client.get(path, environ_overrides=query).status_code == 400


@pytest.mark.parametrize("kind", ["", "; charset=latin-1"])
def test_a_short_form_that_is_not_utf8_is_rejected(echo_client: Client, kind: str) -> None:
    form = {"content_type": f"{FORM['content_type']}{kind}"}
    assert echo_client.post("/fields", data=b"a=\xe9&b=1", **form).status_code == 400


@pytest.mark.parametrize("name", ["If-Match", "If-None-Match", "Content-Type"])
def test_a_long_header_that_is_slow_to_parse_is_rejected(client: Client, name: str) -> None:
    assert client.get("/login", headers={name: "a," * 10_000}).status_code == 431


@pytest.mark.parametrize("query", ["\xff", "next=\xe4", "\0", "a=%00", "%", "a=%ff&" * 500])
def test_a_malformed_query_is_never_a_500(client: Client, query: str) -> None:
    for path in ["/", "/login", "/nowhere", "/static/app.css"]:
        response = client.get(path, environ_overrides={"QUERY_STRING": query}, buffered=True)
        assert response.status_code < 500


@pytest.mark.parametrize(
    "host", ["", "a b", "[::1", "x:y:z", "\xff", "a" * 5000, "/..//", "a@b", "a..b", ".a"]
)
def test_a_malformed_host_is_never_a_500(client: Client, host: str) -> None:
    assert client.get("/", headers={"Host": host}).status_code < 500


def test_a_too_large_body_is_rejected(client: Client) -> None:
    assert client.post("/login", data=b"x" * 2_000_000).status_code == 413


@pytest.mark.parametrize(
    "body",
    [
        b"--b\r\n",
        b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--",
        b"--b\r\nContent-Disposition: form-data; name=\xff\xfe\r\n\r\n\xff\r\n--b--",
        b'--b\r\nContent-Disposition: form-data; name="a"; filename="\0"\r\n\r\n\0\r\n--b--',
        b"--b\r\nContent-Type: text/plain; charset=utf-99\r\n\r\nx\r\n--b--",
        b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n' * 5_000 + b"--b--",
        b"",
    ],
    ids=range(7),
)
def test_a_malformed_multipart_body_is_rejected(client: Client, body: bytes) -> None:
    response = client.post("/login", data=body, content_type=BOUNDARY)
    assert 400 <= response.status_code < 500


# --- Every route ---------------------------------------------------------------------------------

odd_text = st.sampled_from(ODD) | st.text(max_size=20)
raw = st.binary(max_size=60)
fields = st.dictionaries(odd_text, odd_text | st.lists(odd_text, max_size=3), max_size=5)
kinds = st.sampled_from(
    ["application/x-www-form-urlencoded", BOUNDARY, "application/json", "text/plain", "ÿ"]
)


def routes(app: Application) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method


def address(rule: Rule, data: st.DataObject) -> str:
    """Build a URL whose variable parts are random text."""
    odd = data.draw(odd_text)
    filled = "".join(
        part if fixed else quote(odd, errors="surrogatepass", safe="/%")
        for fixed, part in rule._trace
    )
    return filled.split("|", 1)[-1]


@settings(
    max_examples=50,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_no_input_makes_any_route_respond_with_500(
    app: Application, alice: User, data: st.DataObject
) -> None:
    rule, method = data.draw(st.sampled_from(list(routes(app))))
    client = signed_in(app, alice) if data.draw(st.booleans()) else visitor(app)
    token = client.csrf_token("/preferences")
    path = address(rule, data)
    sent = data.draw(fields | raw)
    query = data.draw(raw).decode("latin-1")
    options: dict[str, Any] = {"environ_overrides": {"QUERY_STRING": query}}
    if method == "POST":
        names = ["email", "password", "display_name", "next", "theme", "locale", "saved_form"]
        if isinstance(sent, dict):
            sent = {"csrf_token": token} | {
                data.draw(st.sampled_from(names)): encodable(value) for value in sent.values()
            }
        options |= {"data": sent, "content_type": data.draw(kinds)}
        if isinstance(sent, dict):
            del options["content_type"]
    response = client.open(path, method=method, buffered=True, **options)
    assert response.status_code < 500, (method, path, options)


def encodable(value: Any) -> Any:
    if isinstance(value, list):
        return [encodable(inner) for inner in value]
    return value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
