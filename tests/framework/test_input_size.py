"""Work is bounded by the size of what is sent (R15): hostile text costs what harmless text costs.

What can be sent is not listed here. The pages come from the URL map, their fields from the forms
of their modules, and names, cookies and headers from what the pages are seen to read.
"""

import json
import logging
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count, product
from time import thread_time
from typing import Any
from urllib.parse import quote

import pytest
from flask import Request, url_for
from flask.testing import FlaskClient
from flask_babel import Babel
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.routing import Rule
from wtforms.fields.core import UnboundField

from app.application import Application, is_static_file
from app.preferences.languages import negotiate
from app.sessions.device_labels import device_label
from app.two_factor.recovery_codes import _normalize as normalize_code
from app.users.hashing import hash_password, verify_password
from app.users.models import normalize_email
from app.users.password_policy import PasswordRefused, require_good_password
from app.web.forms import Form
from app.web.logs import make_formatter
from app.web.redirects import local_path
from tests.client import Client
from tests.conftest import PASSWORD, create_user, signed_in, visitor
from tests.databases import only_on

# What R15 allows for 100,000 bytes above harmless text, and what cannot be told from noise.
ALLOWED, SIZE, NOISE = 0.010, 100_000, 0.005
# A noisy machine is asked again. The best time of each is compared.
TRIES = 6
# Within what a field takes that says nothing of its length, within the longest, and above all.
SMALL, MEDIUM, LARGE = 1_500, 15_000, 300_000
# What gunicorn takes as one header and as an address, and what other servers do.
HEADER_SIZES = 8_000, 64_000
ADDRESS_SIZES = 4_000, 16_000

BOUNDARY = "where-one-field-ends"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"

HARMLESS = "Seven quiet otters juggle. "
# Each is a beginning and what is repeated after it.
TEXTS = {
    "combining marks": ("a", "\u0315\u0300"),
    "an address of combining marks": ("a@example.com", "\u0315\u0300"),
    "letters that fold into eighteen": ("/", "\ufdfa"),
    "a label of letters that fold": ("a@", "\ufdfa"),
    "a word without an end": ("", "x"),
    "at signs": ("", "@"),
    "a label without an end": ("a@", "\u00fc"),
    "a label of Arabic-Indic digits": ("a@", "\u0660"),
    "a label of Punycode": ("a@xn--", "9"),
    "encoded percent signs": ("/%", "25"),
    "encoded percent signs, and marks": ("/%" + "25" * 400, "\u0315\u0300"),
    "spaces before a letter": ("", "\t \u00a0x"),
    "digits": ("", "9"),
    "opened objects": ("", '{"a":'),
    "details of a database": ("", 'DETAIL: value "'),
    "the type of a passkey": (
        '{"id":"YQ","rawId":"YQ","response":{"clientDataJSON":"YQ","authenticatorData":"YQ",'
        '"signature":"YQ","attestationObject":"YQ"},"type":"',
        "x",
    ),
}
# What only what reads headers and whole bodies could stumble over.
LISTS = {
    "addresses": ("", "a@"),
    "encoded bytes that are no text": ("/", "%ff"),
    "spaces": ("", " "),
    "a pattern in a pattern": ("", "aab"),
    "opened brackets": ("", "["),
    "quotation marks": ("", '"'),
    "backslashes": ('"', "\\"),
    "commas": ("", "a,"),
    "qualities": ("", "a;q=0.1,"),
    "semicolons": ("a", ";"),
    "parameters": ("a", ";a*0*=b"),
    "names of a browser": ("", "Version/"),
    "names without values": ("", "a&"),
    "ends of a part": ("", "\r\n--b"),
}
HOSTILE = TEXTS | LISTS
# A page of a visitor and of a person, one that is nowhere, and a file.
READ_BY = ["/login", "/account", "/nowhere", "/static/app.css", "/metrics"]
once = only_on("sqlite")  # what a text costs is no matter of the database

# What a person writes in the other fields, so that the one that is hostile is looked at.
PLAUSIBLE = {
    "email": "nobody@example.com",
    "password": PASSWORD,
    "current_password": PASSWORD,
    "code": "123456",
    "credential": "{}",
}


def text_of(kind: str, size: int) -> str:
    """Return so many bytes of a kind of text, and the end of an object where it began one."""
    begin, repeated = HOSTILE[kind]
    room = size - len(begin.encode())
    text = begin + repeated * max(1, room // len(repeated.encode()))
    return text + '"}' if kind == "the type of a passkey" else text


def harmless(size: int) -> str:
    return (HARMLESS * (size // len(HARMLESS) + 1))[:size]


# --- What is measured ----------------------------------------------------------------------------

# Takes a text and returns what sends it, and that returns the seconds of CPU that it took: those
# of this thread, because passwords are hashed in another, at a fixed cost.
Work = Callable[[], float]
Sender = Callable[[str], Work]


def timed(work: Callable[[str], object]) -> Sender:
    def cost(text: str) -> float:
        begin = thread_time()
        work(text)
        return thread_time() - begin

    return lambda text: lambda: cost(text)


def is_bounded(send: Sender, text: str, times: int = 1) -> bool:
    """Return whether a text costs no more than is allowed above harmless text of its size."""
    size = len(text.encode())
    allowed = max(NOISE, ALLOWED * size * times / SIZE)
    odd, plain = send(text), send(harmless(size))
    best_odd, best_plain = odd(), 0.0
    for _ in range(TRIES):
        if best_odd - best_plain <= allowed:
            return True
        best_plain = min(best_plain or sys.maxsize, plain())
        best_odd = min(best_odd, odd())
    return best_odd - best_plain <= allowed


# --- What can be sent ----------------------------------------------------------------------------


@dataclass
class Page:
    """An address with its method, and what its view was seen to read."""

    rule: Rule
    method: str
    names: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"


# What was found, once a process.
PAGES: list[Page] = []
COOKIES: set[str] = set()
HEADERS: set[str] = {"CONTENT_TYPE"}


class Everything:
    """A site that notes what is read of each request, and by which pages."""

    def __init__(self, make_app: Callable[..., Application], database_url: str) -> None:
        many = {"LOGIN_ATTEMPTS": 1_000_000, "LOGIN_ATTEMPTS_PER_ADDRESS": 1_000_000}
        settings = {"TRUSTED_PROXIES": 1, "METRICS_TOKEN": "0123456789abcdef", **many}
        self.app = make_app(DEBUG=False, LOG_LEVEL="INFO", **settings)
        self.app.test_client_class = Silent
        self.database_url = database_url
        self.numbers = count()
        self.names: set[str] = set()
        self.app.request_class = noting(self)
        self.serve = self.app.wsgi_app
        self.app.wsgi_app = self.watch  # type: ignore[method-assign]  # documented by Flask
        self.spent = 0.0
        PAGES.extend([] if PAGES else self.find_pages())
        self.pages, self.cookies, self.headers = PAGES, COOKIES, HEADERS

    def watch(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Serve a request, and note what it reads and how long it takes, without its client."""
        begin = thread_time()
        answer = self.serve(Noted(environ, HEADERS), start_response)
        self.spent = thread_time() - begin
        return answer

    def time_of(self, browser: Client, path: str, **given: Any) -> float:
        browser.open(path, **given)
        return self.spent

    def find_pages(self) -> Iterator[Page]:
        for rule in self.app.url_map.iter_rules():
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                if not is_static_file(rule.endpoint):
                    yield self.read(Page(rule, method))

    def read(self, page: Page) -> Page:
        """Ask for a page once, as a visitor and as a person, and note the names it reads."""
        self.names.clear()
        for browser in self.browsers():
            fields = {"csrf_token": browser.csrf_token("/preferences")}
            sent = {"data": fields} if page.method == "POST" else {}
            browser.open(self.address(page), method=page.method, **sent)
        page.names = self.names | set(fields_of(self.app, page))
        return page

    def browsers(self) -> list[Client]:
        """Return a browser of nobody, and one of a person who is new here."""
        person = create_user(self.database_url, f"person{next(self.numbers)}@example.com")
        return [visitor(self.app), signed_in(self.app, person)]

    def address(self, page: Page, open_part: str = "1") -> str:
        values = dict.fromkeys(page.rule.arguments, open_part)
        with self.app.test_request_context():
            return url_for(page.rule.endpoint, **values)

    def form(self, page: Page, browser: Client, *names: str) -> Sender:
        """Return what sends a text in these fields, the others as a person fills them in."""
        token = {"csrf_token": browser.csrf_token("/preferences")}
        others = {name: PLAUSIBLE.get(name, "plain") for name in page.names} | token
        path = self.address(page)

        def send(text: str) -> Work:
            body = multipart(others | dict.fromkeys(names, text))
            return lambda: self.time_of(
                browser, path, method="POST", data=body, content_type=MULTIPART
            )

        return send

    def environ(self, browser: Client, path: str, *names: str, before: str = "") -> Sender:
        """Return what opens a page with a text in these places of the WSGI environment."""

        def send(text: str) -> Work:
            # As a server gives it: bytes, each written as a letter (PEP 3333).
            environ = dict.fromkeys(names, before + text.encode().decode("latin-1"))
            return lambda: self.time_of(browser, path, environ_overrides=environ)

        return send

    def body(self, browser: Client, path: str, content_type: str) -> Sender:
        """Return what sends a text as the whole body."""
        headers = {"X-CSRFToken": browser.csrf_token("/preferences")}

        def send(text: str) -> Work:
            body = text.encode()
            given = {"data": body, "content_type": content_type, "headers": headers}
            return lambda: self.time_of(browser, path, method="POST", **given)

        return send


def multipart(fields: dict[str, str]) -> bytes:
    """Return a body that holds each text as it is, where a form of another kind encodes it."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in fields.items()
    ]
    return "".join([*parts, f"--{BOUNDARY}--\r\n"]).encode()


class Silent(Client):
    """A browser that does not read what it is answered; that would be measured, too."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        return FlaskClient.open(self, *args, buffered=True, **kwargs)


class Noted(dict[str, Any]):
    """An environment that notes which headers are asked for."""

    def __init__(self, environ: dict[str, Any], asked: set[str]) -> None:
        super().__init__(environ)
        self.asked = asked

    def __getitem__(self, key: str) -> Any:
        self.note(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        self.note(key)
        return super().__contains__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.note(key)
        return super().get(key, default)

    def note(self, key: object) -> None:
        if str(key).startswith("HTTP_") and key != "HTTP_COOKIE":
            self.asked.add(str(key))


def noting(site: Everything) -> type[Request]:
    """Return a request that notes the names of fields and cookies that are asked for."""

    def storage(names: set[str]) -> type[ImmutableMultiDict[str, Any]]:
        class Storage(ImmutableMultiDict[str, Any]):
            def __contains__(self, key: object) -> bool:
                names.add(str(key))
                return super().__contains__(key)

            def __getitem__(self, key: str) -> Any:
                names.add(key)
                return super().__getitem__(key)

        return Storage

    class Noting(Request):
        parameter_storage_class = storage(site.names)
        dict_storage_class = storage(COOKIES)

    return Noting


def fields_of(app: Application, page: Page) -> Iterator[str]:
    """Return the fields of each form in the module of a page's view, shown or not."""
    view = app.view_functions[page.rule.endpoint]
    for kind in vars(sys.modules[view.__module__]).values():
        if isinstance(kind, type) and issubclass(kind, Form):
            yield from unbound_fields(kind)


def unbound_fields(kind: type[Form]) -> dict[str, "UnboundField[Any]"]:
    given = {name: getattr(kind, name) for name in dir(kind) if not name.startswith("_")}
    return {name: it for name, it in given.items() if isinstance(it, UnboundField)}


def every_form() -> Iterator[type[Form]]:
    waiting = [Form]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind.__module__.startswith("app."):
            yield kind


@pytest.fixture
def site(make_app: Callable[..., Application], clean_database: str) -> Everything:
    return Everything(make_app, clean_database)


# --- Whether anything is found -------------------------------------------------------------------


@once
def test_what_a_page_reads_is_found_by_itself(site: Everything) -> None:
    names = defaultdict(set)
    for page in site.pages:
        names[str(page)] |= page.names
    assert {"email", "password", "next", "saved_form"} <= names["POST /login"]
    assert {"next", "theme"} <= names["POST /preferences"]
    assert {"credential", "next"} <= names["POST /login/passkey"]
    assert "before" in names["GET /activity"]
    assert {"session", "remember_token"} <= site.cookies
    assert {"HTTP_ACCEPT", "HTTP_ACCEPT_LANGUAGE", "HTTP_USER_AGENT"} <= site.headers


# --- Forms, queries and bodies -------------------------------------------------------------------


@once
def test_no_field_costs_more_than_harmless_text(site: Everything) -> None:
    """A text stands in each field alone, so that it is looked at, and then in all of a page."""
    slow = []
    for page in site.pages:
        names = sorted(page.names - {"csrf_token"})
        if page.method != "POST" or not names:
            continue
        _, browser = site.browsers()
        large = min(LARGE, 900_000 // len(names))
        ways = [(MEDIUM, [name]) for name in sorted(page.names)]
        for size, sent in [*ways, (SMALL, names), (large, names)]:
            send = site.form(page, browser, *sent)
            slow += [
                f"{page}: {kind} in {', '.join(sent)}"
                for kind in TEXTS
                if not is_bounded(send, text_of(kind, size), len(sent))
            ]
    assert not slow


@once
def test_no_form_that_waits_for_a_sign_in_costs_more(site: Everything) -> None:
    browser, _ = site.browsers()
    [page] = [it for it in site.pages if str(it) == "POST /account"]
    send = site.form(page, browser, "display_name", "unknown")
    assert [kind for kind in TEXTS if not is_bounded(send, text_of(kind, LARGE), 2)] == []


@once
@pytest.mark.parametrize("kind", TEXTS)
def test_no_field_of_any_form_costs_more_either(app: Application, kind: str) -> None:
    """Forms of no page, and those that a page shows only in some state, are read by themselves."""
    for form in every_form():
        for name, unbound in unbound_fields(form).items():
            alone = type("Alone", (Form,), {name: unbound})
            for size in (SMALL, MEDIUM, LARGE):
                assert is_bounded(filled_in(app, alone, name), text_of(kind, size)), (form, name)


def filled_in(app: Application, form: type[Form], name: str) -> Sender:
    def check(text: str) -> None:
        with app.test_request_context(method="POST"):
            filled = form(MultiDict({name: text}))
            filled.validate()
            str(filled[name]())

    return timed(check)


@once
def test_no_query_costs_more_than_a_harmless_one(site: Everything) -> None:
    slow = []
    for page in site.pages:
        if page.method == "GET":
            _, browser = site.browsers()
            names = "&".join(f"{name}=" for name in page.names) or "q="
            path = site.address(page)
            for kind, size in product(TEXTS, ADDRESS_SIZES):
                send = site.environ(browser, path, "QUERY_STRING", before=names)
                if not is_bounded(send, quote(text_of(kind, size))[:size]):
                    slow.append(f"{page}: {kind}")
    assert not slow


@once
@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/x-www-form-urlencoded", MULTIPART, "text/plain"],
)
def test_no_body_costs_more_than_a_harmless_one(site: Everything, content_type: str) -> None:
    visitors, persons = site.browsers()
    slow = []
    for browser, path in [(visitors, "/login"), (persons, "/account"), (persons, "/nowhere")]:
        send = site.body(browser, path, content_type)
        slow += [kind for kind in HOSTILE if not is_bounded(send, text_of(kind, LARGE))]
    assert not slow


@once
def test_no_text_in_json_costs_more_than_a_harmless_one(site: Everything) -> None:
    visitors, _ = site.browsers()
    slow = []
    for page in site.pages:
        if page.method == "POST" and page.names:
            path = site.address(page)
            send = site.body(visitors, path, "application/json")
            for kind in TEXTS:
                text = json.dumps(dict.fromkeys(page.names, text_of(kind, MEDIUM)))
                if not is_bounded(send, text):
                    slow.append(f"{page}: {kind}")
    assert not slow


# --- Headers, cookies and addresses --------------------------------------------------------------


@once
def test_no_header_costs_more_than_a_harmless_one(site: Everything) -> None:
    _, browser = site.browsers()
    slow = []
    for path, size, name in product(READ_BY, HEADER_SIZES, sorted(site.headers)):
        send = site.environ(browser, path, name)
        slow += [
            f"{path}: {kind} in {name}"
            for kind in HOSTILE
            if not is_bounded(send, text_of(kind, size))
        ]
    assert not slow


@once
def test_no_cookie_costs_more_than_a_harmless_one(site: Everything) -> None:
    slow = []
    for path, size, name in product(READ_BY, HEADER_SIZES, sorted(site.cookies)):
        send = site.environ(visitor(site.app), path, "HTTP_COOKIE", before=f"{name}=")
        slow += [
            f"{path}: {kind}" for kind in HOSTILE if not is_bounded(send, text_of(kind, size))
        ]
    assert not slow


@once
def test_no_address_costs_more_than_a_harmless_one(site: Everything) -> None:
    _, browser = site.browsers()
    begins = {site.address(page).rpartition("/")[0] for page in site.pages}
    slow = []
    for begin, size in product(sorted(begins), ADDRESS_SIZES):
        send = site.environ(browser, "/", "PATH_INFO", before=f"{begin}/")
        slow += [f"{begin}: {kind}" for kind in TEXTS if not is_bounded(send, text_of(kind, size))]
    assert not slow


# --- What no caller can get around ---------------------------------------------------------------


def is_refused(password: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # PasswordRefused, where there is a site
        hash_password(password)


PRIMITIVES: dict[str, Callable[[str], object]] = {
    "normalize_email": normalize_email,
    "hash_password": is_refused,
    "verify_password": lambda text: verify_password(text, None),
    "local_path": local_path,
    "device_label": lambda text: device_label(text),
    "normalize_code": normalize_code,
    "a line of a log": lambda text: make_formatter().format(
        logging.LogRecord("gunicorn.error", logging.WARNING, "", 0, text, None, None)
    ),
}


@pytest.mark.parametrize("name", PRIMITIVES)
def test_no_part_of_the_site_takes_long_for_a_long_text(name: str) -> None:
    app = Application(__name__)
    Babel(app)
    with app.app_context():
        work = PRIMITIVES[name]
        for kind, size in product(HOSTILE, (SMALL, MEDIUM, LARGE)):
            assert is_bounded(timed(work), text_of(kind, size)), kind


@once
@pytest.mark.parametrize("kind", HOSTILE)
def test_no_password_takes_long_to_be_refused(app: Application, kind: str) -> None:
    def choose(text: str) -> None:
        with pytest.raises(PasswordRefused), app.test_request_context():
            require_good_password(text, "alice@example.com")

    assert is_bounded(timed(choose), text_of(kind, LARGE))


def test_no_list_of_languages_is_kept_that_no_browser_sends(client: Client) -> None:
    before = negotiate.cache_info().currsize
    for number in range(20):
        client.get("/login", headers={"Accept-Language": f"x-{number}," * 200})
    assert negotiate.cache_info().currsize <= before + 1
