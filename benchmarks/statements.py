"""Count what a request says to PostgreSQL, by listening in between.

What a driver adds by itself (BEGIN, ROLLBACK) is seen too, and it is the same for every target.
"""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

ASKS_TO_ENCRYPT = {80877103, 80877104}
QUERY, EXECUTE = b"Q", b"E"


class Counter:
    """Statements that passed so far."""

    def __init__(self) -> None:
        self.count = 0

    def read(self, stream: bytes, is_greeting: bool) -> tuple[bytes, bool]:
        """Count the whole messages in a stream (PostgreSQL, 55.7), and return what is left.

        The first has no letter before its length, nor has a question whether to encrypt.
        """
        while len(stream) >= 8 - 3 * (not is_greeting):
            letter = b"" if is_greeting else stream[:1]
            [length] = struct.unpack("!i", stream[len(letter) :][:4])
            if len(stream) < len(letter) + length:
                break
            if is_greeting:
                is_greeting = struct.unpack("!i", stream[4:8])[0] in ASKS_TO_ENCRYPT
            self.count += letter in {QUERY, EXECUTE}
            stream = stream[len(letter) + length :]
        return stream, is_greeting


@contextmanager
def counted(url: str) -> Iterator[tuple[str, Counter]]:
    """The address of the same database through a listener, and what it has counted."""
    server = urlsplit(url)
    counter = Counter()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        there = (server.hostname or "127.0.0.1", server.port or 5432)
        threading.Thread(target=accept, args=(listener, there, counter), daemon=True).start()
        who = f"{server.netloc.rpartition('@')[0]}@" if "@" in server.netloc else ""
        yield (
            server._replace(netloc=f"{who}127.0.0.1:{listener.getsockname()[1]}").geturl(),
            counter,
        )


def accept(listener: socket.socket, there: tuple[str, int], counter: Counter) -> None:
    with suppress(OSError):
        while True:
            client = listener.accept()[0]
            server = socket.create_connection(there)
            threading.Thread(target=pass_on, args=(client, server, counter), daemon=True).start()
            threading.Thread(target=pass_on, args=(server, client, None), daemon=True).start()


def pass_on(source: socket.socket, target: socket.socket, counter: Counter | None) -> None:
    left, is_greeting = b"", True
    with suppress(OSError):
        while data := source.recv(65536):
            if counter is not None:
                left, is_greeting = counter.read(left + data, is_greeting)
            target.sendall(data)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
