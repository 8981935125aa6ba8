"""Where mails go, by MAIL_URL: to a mail server, or into a folder."""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from config import SettingRefused

STARTTLS = ("offered", "required", "never")
# RFC 6409 and RFC 8314: the ports at which a site hands mail over.
PORTS = {"smtp": 587, "smtps": 465}


class MailRefused(Exception):
    """The mail server will never take this mail, however often it is asked."""


class Transport(Protocol):
    def send(self, letter: EmailMessage) -> None:
        """Hand a letter over, or raise OSError, SMTPException, or MailRefused for good."""


@dataclass(frozen=True)
class Folder:
    """Writes each letter into a file that any mail program opens."""

    path: Path

    def send(self, letter: EmailMessage) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        name = letter["Message-ID"].strip("<>").partition("@")[0]
        unfinished = self.path / f".{name}"
        unfinished.write_bytes(letter.as_bytes())
        unfinished.replace(self.path / f"{name}.eml")


@dataclass(frozen=True)
class MailServer:
    host: str
    port: int
    user: str
    password: str
    # One of STARTTLS, or "from the start".
    encryption: str
    # For each step of the conversation, in seconds.
    timeout: float

    def send(self, letter: EmailMessage) -> None:
        server = self.connect()
        try:
            self.hand_over(server, letter)
            # It has the letter now. Whether it also says goodbye changes nothing.
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
        finally:
            server.close()

    def connect(self) -> smtplib.SMTP:
        if self.encryption == "from the start":
            verified = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=self.timeout, context=verified
            )
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=self.timeout)
        try:
            self.start_tls(server)
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server

    def start_tls(self, server: smtplib.SMTP) -> None:
        """Encrypt as the setting says.

        `required` verifies the certificate. `offered` does not: whoever could forge one could as
        well hide the offer, and mail goes on to servers with certificates of their own making.
        """
        server.ehlo_or_helo_if_needed()
        if self.encryption == "required":
            server.starttls(context=ssl.create_default_context())
        elif self.encryption == "offered" and server.has_extn("starttls"):
            server.starttls(context=encryption_alone())

    def hand_over(self, server: smtplib.SMTP, letter: EmailMessage) -> None:
        try:
            server.send_message(letter)
        except smtplib.SMTPNotSupportedError as error:
            raise MailRefused("The mail server takes no international addresses.") from error
        except smtplib.SMTPRecipientsRefused as error:
            [(code, reason)] = error.recipients.values()
            refuse_for_good(code, reason, error)
        except smtplib.SMTPDataError as error:
            refuse_for_good(error.smtp_code, error.smtp_error, error)


def refuse_for_good(code: int, reason: bytes | str, error: Exception) -> None:
    """Raise MailRefused for what will not change (RFC 5321, 4.2.1: 5yz), else the error itself."""
    if code < 500:
        raise error
    words = reason.decode(errors="replace") if isinstance(reason, bytes) else reason
    raise MailRefused(f"{code} {words}") from error


def open_transport(url: str, *, timeout: float, instance: Path) -> Transport | None:
    """Return where mails go, or None for nowhere. Raises SettingRefused for an unusable URL."""
    parts = urlsplit(url)
    if not url:
        return None
    if parts.scheme == "file" and parts.path:
        return Folder(instance / parts.path)
    if parts.scheme in PORTS and parts.hostname:
        return open_mail_server(parts, timeout)
    raise SettingRefused(
        "MAIL_URL cannot be used. Write smtp://user:password@host:587, smtps://host or file:mail, "
        "or leave it out and nothing is sent."
    )


def open_mail_server(parts: SplitResult, timeout: float) -> MailServer:
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    # A password is not sent where anybody could read it, unless somebody says so.
    [starttls] = parse_qs(parts.query).get("starttls", ["required" if user else "offered"])
    if starttls not in STARTTLS:
        raise SettingRefused(f"MAIL_URL says starttls={starttls}. Use {', '.join(STARTTLS)}.")
    return MailServer(
        host=str(parts.hostname),
        port=parts.port or PORTS[parts.scheme],
        user=user,
        password=password,
        encryption="from the start" if parts.scheme == "smtps" else starttls,
        timeout=timeout,
    )


def encryption_alone() -> ssl.SSLContext:
    """Return what encrypts and asks nobody who they are: better than mail that all can read."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
