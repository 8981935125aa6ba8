"""Deliver messages as MAIL_URL says: to a mail server, or into a folder."""

import re
import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from app.web.logs import scrub
from config import SettingRefused

STARTTLS = ("offered", "required", "never")
IMPLICIT_TLS = "implicit"
# The submission ports of RFC 6409 and RFC 8314.
PORTS = {"smtp": 587, "smtps": 465}


# Enhanced status codes (RFC 3463) that say the mailbox does not exist or accepts nothing. Not
# 5.2.2 (full), and not 5.7.x, which is about us: a policy, a block list, relaying, authentication.
UNKNOWN_RECIPIENT = {"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"}
# The same as reply codes (RFC 5321, 4.2.3, and RFC 7504), for servers without enhanced ones.
UNKNOWN_RECIPIENT_REPLIES = {550, 551, 553, 556}
ENHANCED = re.compile(r"\s*(5\.\d{1,3}\.\d{1,3})\b")
# Words with which servers without enhanced codes refuse us, not the recipient.
REFUSES_US = re.compile(
    r"relay|auth|sender|spam|polic|block|black|deni|prohibit|reputation|\bspf\b|dkim|dmarc|helo"
    r"|\bptr\b|\bdns\b|reverse|\brate|limit|quota|full|\btls\b",
    re.IGNORECASE,
)


class MailRefused(Exception):
    """The mail server permanently refuses this message."""


class RecipientRefused(MailRefused):
    """The mail server permanently refuses every message to this recipient."""


class Transport(Protocol):
    def send(self, message: EmailMessage) -> None:
        """Deliver a message. Raises OSError, SMTPException, or MailRefused if it is permanent."""


@dataclass(frozen=True)
class Folder:
    """Writes each message to an .eml file, which email programs can open."""

    path: Path

    def send(self, message: EmailMessage) -> None:
        self.path.mkdir(parents=True, exist_ok=True)
        name = message["Message-ID"].strip("<>").partition("@")[0]
        unfinished = self.path / f".{name}"
        unfinished.write_bytes(message.as_bytes())
        unfinished.replace(self.path / f"{name}.eml")


@dataclass(frozen=True)
class MailServer:
    host: str
    port: int
    user: str
    password: str
    # One of STARTTLS, or IMPLICIT_TLS.
    encryption: str
    # Seconds, for each step of the SMTP dialogue.
    timeout: float

    def send(self, message: EmailMessage) -> None:
        server = self.connect()
        try:
            self.transmit(server, message)
            # The server has accepted the message: an error while saying goodbye changes nothing.
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
        finally:
            server.close()

    def connect(self) -> smtplib.SMTP:
        """Return an authenticated connection, encrypted as the setting says."""
        server = self.open_connection()
        try:
            self.start_tls(server)
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server

    def open_connection(self) -> smtplib.SMTP:
        if self.encryption == IMPLICIT_TLS:
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=context)
        return smtplib.SMTP(self.host, self.port, timeout=self.timeout)

    def start_tls(self, server: smtplib.SMTP) -> None:
        """Encrypt the connection as the setting says.

        `required` verifies the certificate. `offered` does not: an attacker able to forge one
        could also hide the offer, and mail servers often have self-signed certificates.
        """
        server.ehlo_or_helo_if_needed()
        if self.encryption == "required":
            server.starttls(context=ssl.create_default_context())
        elif self.encryption == "offered" and server.has_extn("starttls"):
            server.starttls(context=unverified_context())

    def transmit(self, server: smtplib.SMTP, message: EmailMessage) -> None:
        try:
            server.send_message(message)
        except smtplib.SMTPNotSupportedError as error:
            raise MailRefused(
                "The mail server does not support international addresses."
            ) from error
        except smtplib.SMTPRecipientsRefused as error:
            [(code, reason)] = error.recipients.values()
            raise_refusal(code, reason, error)
        except smtplib.SMTPDataError as error:
            raise_refusal(error.smtp_code, error.smtp_error, error)


def raise_refusal(code: int, reason: bytes | str, error: Exception) -> None:
    """Raise MailRefused if the refusal is permanent (RFC 5321, 4.2.1: 5yz), else the error."""
    if code < 500:
        raise error
    text = reason.decode(errors="replace") if isinstance(reason, bytes) else reason
    about_recipient = isinstance(error, smtplib.SMTPRecipientsRefused)
    if rejects_recipient(code, text, about_recipient=about_recipient):
        raise RecipientRefused(f"{code} {text}") from error
    raise MailRefused(f"{code} {text}") from error


def rejects_recipient(code: int, text: str, *, about_recipient: bool) -> bool:
    """Return whether a permanent refusal means that the address does not work.

    A refusal without an enhanced code counts only as the response to the recipient, and only if
    it does not speak of us: an error of our own must not suppress the addresses of all users.
    """
    enhanced = ENHANCED.match(text)
    if enhanced:
        return enhanced[1] in UNKNOWN_RECIPIENT
    return (
        about_recipient
        and code in UNKNOWN_RECIPIENT_REPLIES
        and not REFUSES_US.search(scrub(text))
    )


def open_transport(url: str, *, timeout: float, instance: Path) -> Transport | None:
    """Return the transport of MAIL_URL, or None if it is empty. Raises SettingRefused."""
    parts = urlsplit(url)
    if not url:
        return None
    if parts.scheme == "file" and parts.path:
        return Folder(instance / parts.path)
    if parts.scheme in PORTS and parts.hostname:
        return open_mail_server(parts, timeout)
    raise SettingRefused(
        "MAIL_URL is not valid. Write smtp://user:password@host:587, smtps://host or file:mail, "
        "or leave it empty to send nothing."
    )


def open_mail_server(parts: SplitResult, timeout: float) -> MailServer:
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    # A password is not sent unencrypted, unless the setting says so explicitly.
    [starttls] = parse_qs(parts.query).get("starttls", ["required" if user else "offered"])
    if starttls not in STARTTLS:
        raise SettingRefused(f"MAIL_URL has starttls={starttls}. Use {', '.join(STARTTLS)}.")
    return MailServer(
        host=str(parts.hostname),
        port=parts.port or PORTS[parts.scheme],
        user=user,
        password=password,
        encryption=IMPLICIT_TLS if parts.scheme == "smtps" else starttls,
        timeout=timeout,
    )


def unverified_context() -> ssl.SSLContext:
    """Return a context that encrypts without verifying the server: better than plain text."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
