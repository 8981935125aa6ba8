"""Count the statements that a request sends to PostgreSQL, in a proxy in front of the server.

Statements that the driver adds (BEGIN, ROLLBACK) are counted too, for all targets alike.
"""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

ENCRYPTION_REQUESTS = {80877103, 80877104}
QUERY, EXECUTE = b"Q", b"E"


class Counter:
    """The number of statements sent so far."""

    def __init__(self) -> None:
        self.count = 0

    def read(self, stream: bytes, is_startup: bool) -> tuple[bytes, bool]:
        """Count the complete messages in a stream (PostgreSQL, 55.7); return the remaining bytes.

        A startup message and an encryption request have no type byte before their length.
        """
        while len(stream) >= 8 - 3 * (not is_startup):
            message_type = b"" if is_startup else stream[:1]
            [length] = struct.unpack("!i", stream[len(message_type) :][:4])
            if len(stream) < len(message_type) + length:
                break
            if is_startup:
                is_startup = struct.unpack("!i", stream[4:8])[0] in ENCRYPTION_REQUESTS
            self.count += message_type in {QUERY, EXECUTE}
            stream = stream[len(message_type) + length :]
        return stream, is_startup


@contextmanager
def counting_proxy(url: str) -> Iterator[tuple[str, Counter]]:
    """Start a proxy in front of a database server; yield the URL through it, and its counter."""
    server = urlsplit(url)
    counter = Counter()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server_address = (server.hostname or "127.0.0.1", server.port or 5432)
        threading.Thread(
            target=accept, args=(listener, server_address, counter), daemon=True
        ).start()
        user_info = f"{server.netloc.rpartition('@')[0]}@" if "@" in server.netloc else ""
        yield (
            server._replace(netloc=f"{user_info}127.0.0.1:{listener.getsockname()[1]}").geturl(),
            counter,
        )


def accept(listener: socket.socket, server_address: tuple[str, int], counter: Counter) -> None:
    with suppress(OSError):
        while True:
            client = listener.accept()[0]
            server = socket.create_connection(server_address)
            threading.Thread(target=forward, args=(client, server, counter), daemon=True).start()
            threading.Thread(target=forward, args=(server, client, None), daemon=True).start()


def forward(source: socket.socket, target: socket.socket, counter: Counter | None) -> None:
    rest, is_startup = b"", True
    with suppress(OSError):
        while data := source.recv(65536):
            if counter is not None:
                rest, is_startup = counter.read(rest + data, is_startup)
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
