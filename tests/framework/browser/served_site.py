"""The site for the browser: gunicorn, functions that prepare its data, and its emails."""

import email
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext
from sqlalchemy import update

from app.database import db
from app.mail.outbox import send_mail_later
from app.sessions.logins import begin_login, end_logins
from app.sessions.models import LoginSession
from app.unit_of_work import unit_of_work
from app.users.accounts import find_user
from app.users.models import User
from tests.conftest import PASSWORD, create_user, dispose, migrate, shared_app
from tests.databases import new_postgresql_database
from tests.mail_server import free_port, mail_server
from tests.serving import Server, environment

EMAIL_TIMEOUT = 20  # seconds
APPLICATION = "tests.framework.browser.served_app:app"


@dataclass
class Site:
    url: str
    database_url: str
    # All emails that have arrived, newest first.
    mails: Callable[[], list[EmailMessage]]
    # The cookies of each signed-in user, so that the sign-in form is used once.
    signed_in: dict[str, Any] = field(default_factory=dict)

    @property
    def named_url(self) -> str:
        """Return the URL with the host name of BASE_URL."""
        return self.url.replace("127.0.0.1", "localhost")

    def create_account(self, person: str) -> str:
        """Create an account that can sign in; return the email address."""
        return create_user(self.database_url, f"{person}@example.com").email

    @contextmanager
    def user_rows(self, address: str) -> Iterator[User]:
        """Read and change the rows of a user, outside the browser."""
        with shared_app(self.database_url).app_context(), unit_of_work():
            user = find_user(address)
            assert user is not None
            yield user

    def find(self, address: str) -> User:
        with self.user_rows(address) as user:
            return user

    def add_phone_logins(self, address: str, count: int) -> None:
        """Sign the user in on more devices."""
        with self.user_rows(address) as user:
            for number in range(count):
                where = f"198.51.100.{number + 7}"
                begin_login(user, user_agent=PHONE, address=where, remembered=True)

    def sign_out_everywhere(self, address: str) -> None:
        with self.user_rows(address) as user:
            end_logins(user)

    def expire_reauthentication(self, address: str) -> None:
        """Require the user to reauthenticate, as after RECENT_LOGIN_LIFETIME."""
        with self.user_rows(address) as user:
            theirs = update(LoginSession).where(LoginSession.user_id == user.id)
            db.session.execute(theirs.values(authenticated_at=None))

    def send_mail(self) -> None:
        with shared_app(self.database_url).app_context(), unit_of_work():
            send_mail_later("alice@example.com", "mail/test", locale="en")

    def sign_in(self, browser: BrowserContext, person: str) -> None:
        """Sign the user in, with the form the first time."""
        if person in self.signed_in:
            browser.add_cookies(self.signed_in[person]["cookies"])
            return
        page = browser.new_page()
        page.goto(f"{self.url}/login")
        page.fill("#email", f"{person}@example.com")
        page.fill("#password", PASSWORD)
        page.click("main .form [type=submit]")
        page.wait_for_url("**/account")
        self.signed_in[person] = browser.storage_state()
        page.close()

    def wait_for_link(self, address: str, pattern: str) -> str:
        """Wait for an email to this address with a matching link, and return its path."""
        until = monotonic() + EMAIL_TIMEOUT
        while monotonic() < until:
            for text in self.email_texts(address):
                if found := re.search(rf"https?://\S+{pattern}\S*", text):
                    return urlsplit(found[0]).path
            sleep(0.05)
        raise AssertionError(f"No email to {address} has a link with {pattern}.")

    def email_texts(self, address: str) -> list[str]:
        """Return the text of each email to this address, newest first."""
        mails = [mail for mail in self.mails() if mail["To"] == address]
        texts = [mail.get_body(("plain",)) for mail in mails]
        return [text.get_content() for text in texts if text is not None]


PHONE = (
    "Mozilla/5.0 (Linux; Android 16; Pixel 10) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/150.0.0.0 Mobile Safari/537.36"
)


@contextmanager
def serve(folder: Path, **settings: str) -> Iterator[Site]:
    """Serve the site on SQLite, with its files in this folder."""
    port = free_port()
    variables = {
        # The name under which browsers open the site, for what depends on it.
        "BASE_URL": f"http://localhost:{port}",
        "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3",
        # All tests sign in from one network, more often than the limits allow.
        "RATE_LIMITS_ENABLED": "0",
        "MAIL_URL": f"file:{folder}/mails",
        "WEB_CONCURRENCY": "1",
        **settings,
    }
    migrate(variables["DATABASE_URL"])
    server = Server(folder / "gunicorn.log", APPLICATION, environment(**variables), port)
    try:
        yield Site(server.url, variables["DATABASE_URL"], lambda: read_folder(folder / "mails"))
    finally:
        server.stop()


@contextmanager
def serve_as_in_production(folder: Path) -> Iterator[Site]:
    """Serve the site with two workers, PostgreSQL and an SMTP server."""
    with new_postgresql_database() as database_url, mail_server() as mails:
        variables = {"DATABASE_URL": database_url, "MAIL_URL": mails.url, "WEB_CONCURRENCY": "2"}
        sender = {"MAIL_FROM": "Example <no-reply@example.com>"}
        with serve(folder, **variables, **sender) as site:
            yield replace(site, mails=lambda: mails.messages[::-1])
        dispose(shared_app(database_url))


def read_folder(folder: Path) -> list[EmailMessage]:
    files = sorted(folder.glob("*.eml"), key=lambda file: -file.stat().st_mtime)
    return [email.message_from_bytes(file.read_bytes(), policy=modern) for file in files]
