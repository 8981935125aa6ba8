"""No log contains personal data or secrets after a user has used every part of the site."""

import re
from collections.abc import Callable
from email.message import EmailMessage
from http.client import HTTPConnection
from socket import SHUT_WR, create_connection
from urllib.parse import quote, urlsplit

import pytest

from tests.framework.drills.load import TOKEN, Browser
from tests.mail_server import MailServer
from tests.processes import wait_until
from tests.serving import Server
from tests.view_site import run

ADDRESS = "127.0.0.3"  # not used by other parts of the test
EMAIL, NEW_EMAIL = "charlie@example.com", "charlie.brown@example.org"
NAME = "Charlie with the very private name"
PASSWORDS = ["seven quiet otters juggle", "nine loud badgers whistle", "two shy herons dance"]
WRONG = "eight grumpy foxes argue"


class RecordingBrowser(Browser):
    """A browser that collects all secrets which it sends and receives."""

    def __init__(self, url: str, mails: MailServer) -> None:
        super().__init__(url, "Charlie's browser")
        self.mails = mails
        self.secrets = {ADDRESS, EMAIL, NEW_EMAIL, NAME, WRONG, *PASSWORDS}

    def connection(self) -> HTTPConnection:
        where = urlsplit(self.url).netloc
        return HTTPConnection(where, timeout=20, source_address=(ADDRESS, 0))

    def send(self, path: str, **fields: str) -> tuple[int, str]:
        status, page = super().send(path, **fields)
        self.secrets |= {value for value in self.cookies.values() if len(value) > 20}
        self.secrets |= set(TOKEN.findall(page))
        return status, page

    def submit(self, path: str, **fields: str) -> int:
        """Send the form of a page with these fields."""
        _, page = self.send(path)
        token = TOKEN.search(page)
        assert token, f"{path} has no form"
        return self.send(path, csrf_token=token[1], **fields)[0]

    def follow(self, number: int) -> str:
        """Wait for the n-th email, and return the path of its link."""
        wait_until(lambda: len(self.mails.messages) >= number)
        return self.keep(path_in(self.mails.messages[number - 1]))

    def follow_to(self, place: str) -> str:
        """Wait for an email with a link to this place, and return its path."""

        def found() -> list[str]:
            paths = [path_in(mail) for mail in list(self.mails.messages)]
            return [path for path in paths if path.startswith(place)]

        wait_until(lambda: bool(found()))
        return self.keep(found()[-1])

    def keep(self, path: str) -> str:
        self.secrets.add(path.rpartition("/")[2])
        return path


def path_in(mail: EmailMessage) -> str:
    """Return the path of the first link in an email, or "" if it has none."""
    body = mail.get_body(("plain",))
    links = re.findall(r"https?://\S+", body.get_content() if body else "")
    return urlsplit(links[0]).path if links else ""


@pytest.fixture
def server(gunicorn: Callable[..., Server], mails: MailServer) -> Server:
    return gunicorn(MAIL_URL=mails.url, MAIL_FROM="no-reply@example.net", LOG_LEVEL="DEBUG")


def use_everything(browser: RecordingBrowser) -> None:
    """Register, sign in and change everything, with and without mistakes."""
    assert browser.submit("/register", email=EMAIL) == 303
    assert browser.submit(browser.follow(1), password=PASSWORDS[0]) == 303
    _, page = browser.send("/account")
    assert browser.send("/logout", csrf_token=TOKEN.findall(page)[0])[0] == 303
    assert browser.submit("/login", email=EMAIL, password=WRONG) == 422
    assert browser.submit("/login", email=EMAIL, password=PASSWORDS[0], remember="y") == 303
    assert browser.submit("/account", display_name=NAME) == 303
    change = {"current_password": PASSWORDS[0], "password": PASSWORDS[1]}
    assert browser.submit("/account/password", **change) == 303
    before = len(browser.mails.messages)
    assert browser.submit("/account/email", email=NEW_EMAIL) == 303
    wait_until(lambda: any(mail["To"] == NEW_EMAIL for mail in browser.mails.messages[before:]))
    new = [mail["To"] for mail in browser.mails.messages].index(NEW_EMAIL)
    assert browser.submit(browser.follow(new + 1)) == 303
    assert browser.submit("/account/export") == 303  # part: export
    for path in ["/devices", f"/{EMAIL}", f"/nowhere?email={quote(EMAIL)}"]:
        browser.send(path)


def delete_account(browser: RecordingBrowser) -> None:
    """Reset the password, and delete the account."""
    assert browser.send("/account", csrf_token="forged")[0] in {400, 422}
    _, page = browser.send("/account")
    assert browser.send("/logout", csrf_token=TOKEN.findall(page)[0])[0] == 303
    browser.mails.messages.clear()
    assert browser.submit("/reset", email=NEW_EMAIL) == 303
    link = browser.follow_to("/reset/")
    assert browser.submit(link, password=PASSWORDS[2]) == 303
    assert browser.send(f"{link}x")[0] == 410
    assert browser.submit("/login", email=NEW_EMAIL, password=PASSWORDS[2]) == 303
    browser.mails.response_to_rcpt = f"450 <{NEW_EMAIL}>: greylisted, come back"
    assert browser.submit("/account/delete") == 303


def test_no_log_contains_anything_of_charlie(
    server: Server, mails: MailServer, clean_database: str
) -> None:
    browser = RecordingBrowser(server.url, mails)
    use_everything(browser)
    delete_account(browser)
    wait_until(lambda: "postponed" in server.log)
    server.stop()
    logged = server.log
    assert len(browser.secrets) > 20
    assert '"route": "/reset/<token>"' in logged
    assert len(server.lines) > 40
    for secret in browser.secrets:
        assert secret not in logged
        assert quote(secret) not in logged
    [[error]] = run(clean_database, "SELECT last_error FROM outbox WHERE last_error <> ''")
    assert "greylisted" in error
    assert NEW_EMAIL not in error


TOKEN_OF_A_LINK = "0123456789abcdefghijklmnopqrstuvwxyz-secret"
UNREADABLE = {
    "a link with a letter that was not encoded": "GET /reset/{} HTTP/1.1\r\n\r\n".format(
        TOKEN_OF_A_LINK + "\xe4"
    ),
    "a link without a version": f"GET /reset/{TOKEN_OF_A_LINK}\r\n\r\n",
    "a link as a method": f"{TOKEN_OF_A_LINK} / HTTP/1.1\r\n\r\n",
    "a header without a colon": f"GET / HTTP/1.1\r\nCookie {TOKEN_OF_A_LINK}\r\n\r\n",
    "a header with a blank": f"GET / HTTP/1.1\r\nCookie {TOKEN_OF_A_LINK}: a\r\n\r\n",
    "a folded header": f"GET / HTTP/1.1\r\nA: b\r\n {TOKEN_OF_A_LINK}\r\n\r\n",
    "a long header": f"GET / HTTP/1.1\r\n{TOKEN_OF_A_LINK * 180}\r\n\r\n",
    "a link of another site": f"GET http://[/{TOKEN_OF_A_LINK} HTTP/1.1\r\n\r\n",
    "a link that was cut": f"/{TOKEN_OF_A_LINK}",
    "a link that was pasted": f"GET /{TOKEN_OF_A_LINK} HTTP/1.1\r\n\r\n",
}


def test_no_log_holds_a_token_of_a_request_that_cannot_be_read(server: Server) -> None:
    where = urlsplit(server.url)
    assert where.hostname
    for request in UNREADABLE.values():
        with create_connection((where.hostname, where.port or 80), timeout=20) as connection:
            connection.sendall(request.encode("latin-1"))
            connection.shutdown(SHUT_WR)
            connection.recv(1000)
    server.stop()
    events = [line["event"] for line in server.lines]
    assert len([event for event in events if event.startswith("Invalid request from …")]) >= 5
    assert "Invalid request from … Invalid HTTP Header" in events
    assert "0123456789abcdef" not in server.log
