"""R15: the CPU time of a request is bounded by the size of its input, however hostile the text.

The inputs are discovered: pages from the URL map, fields from the forms of their modules, and
names, cookies and headers from what a page reads while it is requested once.
"""

import json
import logging
import math
import sys
from collections import ChainMap, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
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
from app.sessions.device_labels import device_label
from app.users.hashing import hash_password, verify_password
from app.users.models import normalize_email
from app.users.password_policy import PasswordRefused, require_good_password
from app.web.forms import Form
from app.web.logs import make_formatter
from app.web.redirects import local_path
from tests.client import Client
from tests.conftest import PASSWORD, create_user, signed_in, visitor
from tests.contributions import contributed
from tests.databases import on_sqlite

# Seconds for 100,000 bytes above harmless text (R15), and the noise of measuring.
ALLOWED, SIZE, NOISE = 0.010, 100_000, 0.005
# Repetitions on a noisy machine, of a text that seems slow. The best time is compared.
TRIES = 15
# Repetitions of a harmless text, whose best time is kept.
TRIES_OF_HARMLESS = 3
# Bytes: within the limit of a field without a limit of its own, within the largest, above all.
SMALL, MEDIUM, LARGE = 1_500, 15_000, 300_000
# Bytes that gunicorn accepts as one header and as a URL, and that other servers accept.
HEADER_SIZES = 8_000, 64_000
ADDRESS_SIZES = 4_000, 16_000

BOUNDARY = "where-one-field-ends"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"

HARMLESS = "Seven quiet otters juggle. "
# Each has a beginning, and a text that is repeated after it.
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
    **ChainMap(*contributed("hostile_input", "TEXTS")),
}
# What follows the repetition.
ENDS: Mapping[str, str] = ChainMap(*contributed("hostile_input", "ENDS"))
# Texts that are hostile only to parsers of headers and of whole bodies.
LISTS = {
    "addresses": ("", "a@"),
    "encoded bytes that are no text": ("/", "%ff"),
    "encoded letters": ("a=", "%41"),
    "encoded letters beside others": ("a=", "\u00fc%41"),
    "percent signs": ("a=", "%"),
    "equals signs": ("a=", "="),
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
# A page of a visitor and one of a user, a missing page, and a file.
PATHS = [
    "/login",
    "/account",
    "/nowhere",
    "/static/app.css",
    "/metrics",  # part: monitoring
]

# Valid values of the other fields, so that validation reaches the hostile one.
PLAUSIBLE = {
    "email": "nobody@example.com",
    "password": PASSWORD,
    "current_password": PASSWORD,
    **ChainMap(*contributed("hostile_input", "PLAUSIBLE")),
}


def text_of(kind: str, size: int) -> str:
    """Return this many bytes of a kind of text, and the end of a JSON object if it began one."""
    begin, repeated = HOSTILE[kind]
    room = size - len(begin.encode())
    text = begin + repeated * max(1, room // len(repeated.encode()))
    return text + ENDS.get(kind, "")


def harmless(size: int) -> str:
    return (HARMLESS * (size // len(HARMLESS) + 1))[:size]


# --- Measuring -----------------------------------------------------------------------------------

# Sends a prepared text, and returns the CPU seconds: those of this thread, because passwords are
# hashed in another, at a fixed cost.
Work = Callable[[], float]


@dataclass
class Sender:
    """A place that receives a text. Remembers the cost of harmless text, for each size."""

    prepare: Callable[[str], Work]
    harmless_costs: dict[int, float] = field(default_factory=dict)

    def cost_of_harmless(self, text: str) -> float:
        about = len(text) // 1000
        if about not in self.harmless_costs:
            work = self.prepare(text)
            self.harmless_costs[about] = min(work() for _ in range(TRIES_OF_HARMLESS))
        return self.harmless_costs[about]


def timed(work: Callable[[str], object]) -> Sender:
    def cost(text: str) -> float:
        begin = thread_time()
        work(text)
        return thread_time() - begin

    return Sender(lambda text: lambda: cost(text))


def is_bounded(sender: Sender, text: str, times: int = 1, like: str = "") -> bool:
    """Return whether a text costs no more than allowed above harmless text of the same size.

    `like` is the harmless text if that has a form of its own, such as JSON.
    """
    size = len(text.encode())
    allowed = max(NOISE, ALLOWED * size * times / SIZE)
    like = like or harmless(size)
    hostile = sender.prepare(text)
    best_hostile, best_plain = hostile(), math.inf
    if best_hostile <= allowed or best_hostile <= allowed + sender.cost_of_harmless(like):
        return True
    # The machine may have been busy. It is equally busy for both if they alternate. Ten times as
    # much is not noise, and would take long to repeat.
    is_clear = best_hostile > 10 * (allowed + sender.cost_of_harmless(like))
    plain = sender.prepare(like)
    for _ in range(1 if is_clear else TRIES):
        best_plain, best_hostile = min(best_plain, plain()), min(best_hostile, hostile())
        if best_hostile <= allowed + best_plain:
            return True
    return False


def slow_kinds(sender: Sender, kinds: Iterable[str], size: int, times: int = 1) -> list[str]:
    return [kind for kind in kinds if not is_bounded(sender, text_of(kind, size), times)]


# --- Discovering the inputs ----------------------------------------------------------------------


@dataclass
class Page:
    """A URL rule with a method, and the names that its view reads."""

    rule: Rule
    method: str
    # What it was seen to read, ...
    seen: set[str] = field(default_factory=set)
    # ... and with it the fields of all forms in its module, which it may read in other states.
    names: set[str] = field(default_factory=set)

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"


# Discovered once per process.
PAGES: list[Page] = []
COOKIES: set[str] = set()
HEADERS: set[str] = {"CONTENT_TYPE"}


class RecordingSite:
    """A site that records which names, cookies and headers each page reads."""

    def __init__(self, make_app: Callable[..., Application], database_url: str) -> None:
        many = {"LOGIN_ATTEMPTS": 1_000_000, "LOGIN_ATTEMPTS_PER_ADDRESS": 1_000_000}
        settings = {
            "TRUSTED_PROXIES": 1,
            "METRICS_TOKEN": "0123456789abcdef",  # part: monitoring
            **many,
        }
        self.app = make_app(DEBUG=False, LOG_LEVEL="INFO", **settings)
        self.app.test_client_class = PlainClient
        self.database_url = database_url
        self.numbers = count()
        self.names: set[str] = set()
        self.app.request_class = recording_request(self)
        self.serve = self.app.wsgi_app
        self.app.wsgi_app = self.record  # type: ignore[method-assign]  # documented by Flask
        self.spent, self.status = 0.0, 0
        PAGES.extend([] if PAGES else self.find_pages())
        self.pages, self.cookies, self.headers = PAGES, COOKIES, HEADERS

    def record(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Serve a request, and record the headers it reads and its CPU time without the client."""
        begin = thread_time()
        response = self.serve(RecordingEnviron(environ, HEADERS), start_response)
        self.spent = thread_time() - begin
        return response

    def time_of(self, browser: Client, path: str, **given: Any) -> float:
        self.status = browser.open(path, **given).status_code
        return self.spent

    def find_pages(self) -> Iterator[Page]:
        for rule in self.app.url_map.iter_rules():
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                if not is_static_file(rule.endpoint):
                    yield self.read(Page(rule, method))

    def read(self, page: Page) -> Page:
        """Request a page as a visitor and as a user, and record the names it reads.

        A form is sent empty and then with valid fields, because the view may read more of those.
        """
        self.names.clear()
        page.names = set(fields_of(self.app, page))
        for is_filled in (False, True) if page.method == "POST" else (False,):
            for browser in self.browsers():
                fields = self.valid_fields(browser, page.names if is_filled else ())
                sent = {"data": fields} if page.method == "POST" else {}
                browser.open(self.address(page), method=page.method, **sent)
            page.names |= self.names
        page.seen = {*self.names} - {"csrf_token"}
        return page

    def valid_fields(self, browser: Client, names: Iterable[str]) -> dict[str, str]:
        token = {"csrf_token": browser.csrf_token("/reset")}
        return {name: PLAUSIBLE.get(name, "plain") for name in names} | token

    def browsers(self) -> list[Client]:
        """Return a browser of a visitor, and one of a new user."""
        user = create_user(self.database_url, f"user{next(self.numbers)}@example.com")
        return [visitor(self.app), signed_in(self.app, user)]

    def address(self, page: Page, open_part: str = "1") -> str:
        values = dict.fromkeys(page.rule.arguments, open_part)
        with self.app.test_request_context():
            return url_for(page.rule.endpoint, **values)

    def form(self, page: Page, browser: Client, *names: str) -> Sender:
        """Return a sender for these fields of a form; the others have valid values."""
        others = self.valid_fields(browser, page.names)
        path = self.address(page)

        def send(text: str) -> Work:
            body = multipart(others | dict.fromkeys(names, text))
            return lambda: self.time_of(
                browser, path, method="POST", data=body, content_type=MULTIPART
            )

        return Sender(send)

    def environ(self, browser: Client, path: str, *names: str, before: str = "") -> Sender:
        """Return a sender for these keys of the WSGI environ."""

        def send(text: str) -> Work:
            # As a server passes it: bytes decoded as Latin-1 (PEP 3333).
            environ = dict.fromkeys(names, before + text.encode().decode("latin-1"))
            return lambda: self.time_of(browser, path, environ_overrides=environ)

        return Sender(send)

    def body(self, browser: Client, path: str, content_type: str, times: int = 1) -> Sender:
        """Return a sender for the whole body, which is sent so many times."""
        headers = {"X-CSRFToken": browser.csrf_token("/reset")}

        def send(text: str) -> Work:
            body = text.encode()
            given = {"data": body, "content_type": content_type, "headers": headers}
            return lambda: sum(
                self.time_of(browser, path, method="POST", **given) for _ in range(times)
            )

        return Sender(send)


def multipart(fields: dict[str, str]) -> bytes:
    """Return a multipart body, which contains each text unencoded."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in fields.items()
    ]
    return "".join([*parts, f"--{BOUNDARY}--\r\n"]).encode()


class PlainClient(Client):
    """A client that does not lint the response, which would be measured too."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        return FlaskClient.open(self, *args, buffered=True, **kwargs)


class RecordingEnviron(dict[str, Any]):
    """A WSGI environ that records which headers are read."""

    def __init__(self, environ: dict[str, Any], names: set[str]) -> None:
        super().__init__(environ)
        self.names = names

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
            self.names.add(str(key))


def recording_request(site: RecordingSite) -> type[Request]:
    """Return a request class that records the names of the fields and cookies that are read."""

    def storage(names: set[str]) -> type[ImmutableMultiDict[str, Any]]:
        class Storage(ImmutableMultiDict[str, Any]):
            def __contains__(self, key: object) -> bool:
                names.add(str(key))
                return super().__contains__(key)

            def __getitem__(self, key: str) -> Any:
                names.add(key)
                return super().__getitem__(key)

        return Storage

    class RecordingRequest(Request):
        parameter_storage_class = storage(site.names)
        dict_storage_class = storage(COOKIES)

    return RecordingRequest


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
def site(make_app: Callable[..., Application], clean_database: str) -> RecordingSite:
    return RecordingSite(make_app, clean_database)


# --- The discovery works -------------------------------------------------------------------------


@on_sqlite
def test_the_names_that_a_page_reads_are_found(site: RecordingSite) -> None:
    names = defaultdict(set)
    for page in site.pages:
        names[str(page)] |= page.names
    assert {"email", "password", "next", "saved_form"} <= names["POST /login"]
    assert {"next", "theme"} <= names["POST /preferences"]
    assert "before" in names["GET /activity"]  # part: activity
    assert {"session", "remember_token"} <= site.cookies
    assert {"HTTP_ACCEPT", "HTTP_USER_AGENT"} <= site.headers
    assert "HTTP_ACCEPT_LANGUAGE" in site.headers  # part: languages


# --- Forms, queries and bodies -------------------------------------------------------------------


@on_sqlite
def test_no_field_costs_more_than_harmless_text(site: RecordingSite) -> None:
    """The text is in one field at a time, so that it is validated, and then in all fields."""
    slow = []
    for page in site.pages:
        names = sorted(page.names - {"csrf_token"})
        if page.method != "POST" or not names:
            continue
        _, browser = site.browsers()
        large = max(2 * MEDIUM, LARGE // len(names))
        ways = [(MEDIUM, [name]) for name in sorted(page.seen)]
        for size, sent in [*ways, (SMALL, names), (large, names)]:
            send = site.form(page, browser, *sent)
            slow += [
                f"{page}: {kind} in {', '.join(sent)}"
                for kind in slow_kinds(send, TEXTS, size, len(sent))
            ]
    assert not slow


@on_sqlite
def test_no_saved_form_costs_more(site: RecordingSite) -> None:
    browser, _ = site.browsers()
    [page] = [it for it in site.pages if str(it) == "POST /account"]
    send = site.form(page, browser, "display_name", "unknown")
    assert slow_kinds(send, TEXTS, LARGE, 2) == []


@on_sqlite
def test_no_field_of_any_form_costs_more_than_harmless_text(app: Application) -> None:
    """Includes forms that no page shows, or that a page shows only in some states."""
    slow = []
    for form in every_form():
        for name, unbound in unbound_fields(form).items():
            check = filled_in(app, type("Alone", (Form,), {name: unbound}), name)
            for size in (SMALL, MEDIUM, LARGE):
                slow += [(form, name, kind) for kind in slow_kinds(check, TEXTS, size)]
    assert not slow


def filled_in(app: Application, form: type[Form], name: str) -> Sender:
    def check(text: str) -> None:
        with app.test_request_context(method="POST"):
            filled = form(MultiDict({name: text}))
            filled.validate()
            str(filled[name]())

    return timed(check)


@on_sqlite
def test_no_query_costs_more_than_a_harmless_one(site: RecordingSite) -> None:
    slow = []
    for page in site.pages:
        if page.method == "GET":
            _, browser = site.browsers()
            names = "&".join(f"{name}=" for name in page.names) or "q="
            path = site.address(page)
            send = site.environ(browser, path, "QUERY_STRING", before=names)
            for kind, size in product(TEXTS, ADDRESS_SIZES):
                if not is_bounded(send, quote(text_of(kind, size))[:size]):
                    slow.append(f"{page}: {kind}")
    assert not slow


@on_sqlite
@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/x-www-form-urlencoded", MULTIPART, "text/plain"],
)
def test_no_body_costs_more_than_a_harmless_one(site: RecordingSite, content_type: str) -> None:
    visitors, users = site.browsers()
    slow = []
    for browser, path in [(visitors, "/login"), (users, "/account"), (users, "/nowhere")]:
        send = site.body(browser, path, content_type)
        slow += [f"{path}: {kind}" for kind in slow_kinds(send, HOSTILE, LARGE)]
    assert not slow


@on_sqlite
def test_no_short_form_costs_more_than_a_harmless_one(site: RecordingSite) -> None:
    """Ten times, because the cost of a short one is less than the noise of measuring."""
    visitors, _ = site.browsers()
    send = site.body(visitors, "/login", "application/x-www-form-urlencoded", times=10)
    assert slow_kinds(send, HOSTILE, 9_000, times=10) == []


@on_sqlite
def test_no_text_in_json_costs_more_than_a_harmless_one(site: RecordingSite) -> None:
    """Harmless JSON, too, has values that a form shows again: the page of preferences is long."""
    visitors, _ = site.browsers()
    slow = []
    for page in site.pages:
        if page.method == "POST" and page.names:
            path = site.address(page)
            send = site.body(visitors, path, "application/json")
            for kind in TEXTS:
                text = json.dumps(dict.fromkeys(page.names, text_of(kind, MEDIUM)))
                plain = harmless(len(text) // len(page.names))
                like = json.dumps(dict.fromkeys(page.names, plain))
                if not is_bounded(send, text, like=like):
                    slow.append(f"{page}: {kind}")
    assert not slow


# --- Headers, cookies and addresses --------------------------------------------------------------


@on_sqlite
def test_no_header_costs_more_than_a_harmless_one(site: RecordingSite) -> None:
    """All headers at once, and one at a time if they cost more or change the response.

    One header whose text is rejected would hide the others.
    """
    _, browser = site.browsers()
    slow = []
    for path, size in product(PATHS, HEADER_SIZES):
        senders = {name: site.environ(browser, path, name) for name in sorted(site.headers)}
        site.time_of(browser, path)
        usual = site.status
        for name, send in [*senders.items()]:
            send.cost_of_harmless(harmless(size))
            if site.status != usual:
                slow += [f"{path}: {kind} in {name}" for kind in slow_kinds(send, HOSTILE, size)]
                del senders[name]
        together = site.environ(browser, path, *senders)
        # Before the others, so that `site.status` is that of the hostile text.
        together.cost_of_harmless(harmless(size))
        for kind in HOSTILE:
            text = text_of(kind, size)
            if not is_bounded(together, text) or site.status != usual:
                slow += [
                    f"{path}: {kind} in {name}"
                    for name, send in senders.items()
                    if not is_bounded(send, text)
                ]
    assert not slow


@on_sqlite
def test_no_cookie_costs_more_than_a_harmless_one(site: RecordingSite) -> None:
    slow = []
    for path, name in product(PATHS, sorted(site.cookies)):
        send = site.environ(visitor(site.app), path, "HTTP_COOKIE", before=f"{name}=")
        for size in HEADER_SIZES:
            slow += [f"{path}: {kind} in {name}" for kind in slow_kinds(send, HOSTILE, size)]
    assert not slow


@on_sqlite
def test_no_url_costs_more_than_a_harmless_one(site: RecordingSite) -> None:
    _, browser = site.browsers()
    begins = {site.address(page).rpartition("/")[0] for page in site.pages}
    slow = []
    for begin in sorted(begins):
        send = site.environ(browser, "/", "PATH_INFO", before=f"{begin}/")
        for size in ADDRESS_SIZES:
            slow += [f"{begin}: {kind}" for kind in slow_kinds(send, TEXTS, size)]
    assert not slow


# --- Functions that every caller uses ------------------------------------------------------------


def is_refused(password: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  # PasswordRefused, where there is a site
        hash_password(password)


PRIMITIVES: dict[str, Callable[[str], object]] = {
    "normalize_email": normalize_email,
    "hash_password": is_refused,
    "verify_password": lambda text: verify_password(text, None),
    "local_path": local_path,
    "device_label": lambda text: device_label(text),
    **ChainMap(*contributed("hostile_input", "PRIMITIVES")),
    "a line of a log": lambda text: make_formatter().format(
        logging.LogRecord("gunicorn.error", logging.WARNING, "", 0, text, None, None)
    ),
}


@pytest.mark.parametrize("name", PRIMITIVES)
def test_no_function_takes_long_for_a_long_text(name: str) -> None:
    app = Application(__name__)
    Babel(app)
    with app.app_context():
        send = timed(PRIMITIVES[name])
        for size in (SMALL, MEDIUM, LARGE):
            assert slow_kinds(send, HOSTILE, size) == []


@on_sqlite
def test_refusing_a_password_takes_little_time(app: Application) -> None:
    def choose(text: str) -> None:
        with pytest.raises(PasswordRefused), app.test_request_context():
            require_good_password(text, "alice@example.com")

    assert slow_kinds(timed(choose), HOSTILE, LARGE) == []
