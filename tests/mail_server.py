"""An SMTP server on a loopback port. Tests set its responses."""

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
    """The received messages, oldest first, and the responses of the server."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.encrypted: list[bool] = []
        self.response_to_rcpt = "250 OK"
        self.response_to_data = "250 OK"
        # The number of next messages at which the connection is aborted without a response.
        self.messages_to_abort = 0
        # Whether the connection is aborted at QUIT.
        self.aborts_at_quit = False
        self.url = ""

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.response_to_rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.response_to_rcpt

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.response_to_data.startswith("250"):
            message = message_from_bytes(cast(bytes, envelope.content), policy=default)
            self.messages.append(cast(EmailMessage, message))
            self.envelopes.append(envelope)
            encryption = cast(Any, server.transport).get_extra_info("ssl_object")
            self.encrypted.append(encryption is not None)
        if self.messages_to_abort:
            self.messages_to_abort -= 1
            cast(Any, server.transport).abort()
        return self.response_to_data

    async def handle_QUIT(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.aborts_at_quit:
            cast(Any, server.transport).abort()
        return "221 Bye"


@contextmanager
def mail_server(**options: Any) -> Iterator[MailServer]:
    """Run an SMTP server with options of aiosmtpd, such as `tls_context` or `ssl_context`."""
    server, port = MailServer(), free_port()
    controller = Controller(server, hostname="127.0.0.1", port=port, **options)
    controller.start()
    server.url = f"{'smtps' if 'ssl_context' in options else 'smtp'}://127.0.0.1:{port}"
    try:
        yield server
    finally:
        controller.stop()


@contextmanager
def silent_server() -> Iterator[str]:
    """Accept connections and never respond; yield the URL."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        yield f"smtp://127.0.0.1:{listening.getsockname()[1]}"


def accounts(**passwords: str) -> Any:
    """Return an authenticator for aiosmtpd that knows these users and passwords."""

    def authenticate(
        server: Any, session: Any, envelope: Any, mechanism: str, credentials: Any
    ) -> Any:
        known = isinstance(credentials, LoginPassword) and passwords.get(
            credentials.login.decode()
        )
        right = bool(known) and credentials.password.decode() == known
        return AuthResult(success=right, handled=False)  # aiosmtpd sends the response

    return authenticate


def certificate(authority: Any) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        return int(listening.getsockname()[1])
