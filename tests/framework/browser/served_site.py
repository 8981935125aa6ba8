"""The site that the browser visits: a gunicorn with people in it, and where its mails arrive."""

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
from tests.passkeys.authenticator import Authenticator
from tests.passkeys.conftest import give
from tests.serving import Server, environment

PATIENCE = 20  # seconds until a mail is there


@dataclass
class Site:
    url: str
    database_url: str
    # Every mail that has arrived, newest first.
    mails: Callable[[], list[EmailMessage]]
    # What a browser keeps of each person's login, so that signing in by the form is done once.
    kept: dict[str, Any] = field(default_factory=dict)

    @property
    def named_url(self) -> str:
        """Return the address of the site under its name, which BASE_URL says, too."""
        return self.url.replace("127.0.0.1", "localhost")

    def has(self, person: str) -> str:
        """Open an account for this person, who can sign in at once; return the address."""
        return create_user(self.database_url, f"{person}@example.com").email

    @contextmanager
    def person(self, address: str) -> Iterator[User]:
        """Read and change somebody's rows behind the browser's back."""
        with shared_app(self.database_url).app_context(), unit_of_work():
            user = find_user(address)
            assert user is not None
            yield user

    def find(self, address: str) -> User:
        with self.person(address) as user:
            return user

    def is_used_on_phones(self, address: str, count: int) -> None:
        """Sign this person in on more devices."""
        with self.person(address) as user:
            for number in range(count):
                where = f"198.51.100.{number + 7}"
                begin_login(user, user_agent=PHONE, address=where, remembered=True)

    def sign_out_everywhere(self, address: str) -> None:
        with self.person(address) as user:
            end_logins(user)

    def forgets_the_proof_of(self, address: str) -> None:
        """Let it be longer ago than RECENT_LOGIN_LIFETIME that this person proved anything."""
        with self.person(address) as user:
            theirs = update(LoginSession).where(LoginSession.user_id == user.id)
            db.session.execute(theirs.values(authenticated_at=None))

    def has_passkeys(self, address: str, *names: str) -> None:
        """Let this person have passkeys on devices that are not at hand."""
        app = shared_app(self.database_url)
        for name in names:
            give(app, self.find(address), Authenticator(may_be_copied="phone" in name), name)

    def writes_a_mail(self) -> None:
        with shared_app(self.database_url).app_context(), unit_of_work():
            send_mail_later("alice@example.com", "mail/test", locale="en")

    def sign_in(self, browser: BrowserContext, person: str) -> None:
        """Sign this person in, by the form the first time."""
        if person in self.kept:
            browser.add_cookies(self.kept[person]["cookies"])
            return
        page = browser.new_page()
        page.goto(f"{self.url}/login")
        page.fill("#email", f"{person}@example.com")
        page.fill("#password", PASSWORD)
        page.click("main .form [type=submit]")
        page.wait_for_url("**/account")
        self.kept[person] = browser.storage_state()
        page.close()

    def path_mailed_to(self, address: str, pattern: str) -> str:
        """Wait for a mail to this address with a link like this, and return the link's path."""
        until = monotonic() + PATIENCE
        while monotonic() < until:
            for letter in self.letters(address):
                if found := re.search(rf"https?://\S+{pattern}\S*", letter):
                    return urlsplit(found[0]).path
            sleep(0.05)
        raise AssertionError(f"No mail to {address} has a link like {pattern}.")

    def letters(self, address: str) -> list[str]:
        """Return the text of each mail to this address, newest first."""
        letters = [letter for letter in self.mails() if letter["To"] == address]
        texts = [letter.get_body(("plain",)) for letter in letters]
        return [text.get_content() for text in texts if text is not None]


PHONE = (
    "Mozilla/5.0 (Linux; Android 16; Pixel 10) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/150.0.0.0 Mobile Safari/537.36"
)


@contextmanager
def serve(folder: Path, **settings: str) -> Iterator[Site]:
    """Serve the site from this folder, on SQLite, until the block is left."""
    port = free_port()
    given = {
        # Passkeys are bound to a name, which has to be known before the site begins.
        "BASE_URL": f"http://localhost:{port}",
        "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3",
        "MAIL_URL": f"file:{folder}/mails",
        "WEB_CONCURRENCY": "1",
        **settings,
    }
    migrate(given["DATABASE_URL"])
    server = Server(folder / "gunicorn.log", "wsgi:app", environment(**given), port)
    try:
        yield Site(server.url, given["DATABASE_URL"], lambda: read_folder(folder / "mails"))
    finally:
        server.stop()


@contextmanager
def serve_as_in_production(folder: Path) -> Iterator[Site]:
    """Serve it by two workers, on PostgreSQL, with its mails given to a mail server."""
    with new_postgresql_database() as database_url, mail_server() as mails:
        given = {"DATABASE_URL": database_url, "MAIL_URL": mails.url, "WEB_CONCURRENCY": "2"}
        sender = {"MAIL_FROM": "Lockstep <no-reply@example.com>"}
        with serve(folder, **given, **sender) as site:
            yield replace(site, mails=lambda: mails.messages[::-1])
        dispose(shared_app(database_url))


def read_folder(folder: Path) -> list[EmailMessage]:
    files = sorted(folder.glob("*.eml"), key=lambda file: -file.stat().st_mtime)
    return [email.message_from_bytes(file.read_bytes(), policy=modern) for file in files]
