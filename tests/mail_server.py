"""A real mail server on a loopback port; it keeps what it is given, or misbehaves as told."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class MailServer:
    """What it was sent, oldest first, and the answers it gives."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.encrypted: list[bool] = []
        self.answer_to_recipient = "250 OK"
        self.answer_to_letter = "250 OK"
        # How many letters it takes and then hangs up without a word.
        self.hangs_up = 0
        # Whether it hangs up where others say goodbye.
        self.hangs_up_at_the_end = False
        self.url = ""

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.answer_to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer_to_recipient

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answer_to_letter.startswith("250"):
            letter = message_from_bytes(cast(bytes, envelope.content), policy=default)
            self.letters.append(cast(EmailMessage, letter))
            self.envelopes.append(envelope)
            encryption = cast(Any, server.transport).get_extra_info("ssl_object")
            self.encrypted.append(encryption is not None)
        if self.hangs_up:
            self.hangs_up -= 1
            cast(Any, server.transport).abort()
        return self.answer_to_letter

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.hangs_up_at_the_end:
            cast(Any, server.transport).abort()
        return "221 Bye"


@contextmanager
def mail_server(**how: Any) -> Iterator[MailServer]:
    """Run one; `how` is what aiosmtpd takes, such as `tls_context` or `ssl_context`."""
    server, port = MailServer(), free_port()
    controller = Controller(server, hostname="127.0.0.1", port=port, **how)
    controller.start()
    server.url = f"{'smtps' if 'ssl_context' in how else 'smtp'}://127.0.0.1:{port}"
    try:
        yield server
    finally:
        controller.stop()


@contextmanager
def silent_server() -> Iterator[str]:
    """Take connections and never say a word; give the address of that."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        yield f"smtp://127.0.0.1:{listening.getsockname()[1]}"


def accounts(**passwords: str) -> Any:
    """Return what checks a user's password, as aiosmtpd asks it."""

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> Any:
        known = isinstance(given, LoginPassword) and passwords.get(given.login.decode())
        right = bool(known) and given.password.decode() == known
        return AuthResult(success=right, handled=False)  # aiosmtpd is to answer, not we

    return authenticate


def certificate(authority: Any) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        return int(listening.getsockname()[1])
