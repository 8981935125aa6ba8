"""The way to a server, which a test can cut."""

import socket
from contextlib import suppress
from threading import Thread

from sqlalchemy import make_url


class Cable:
    """Leads to Redis, and can be pulled out and put in again."""

    def __init__(self, url: str) -> None:
        self.redis = make_url(url)
        self.port = 0
        self.open: list[socket.socket] = []

    def put_in(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self.listener.getsockname()[1]
        Thread(target=self.accept, args=[self.listener], daemon=True).start()

    def pull_out(self) -> None:
        for end in (self.listener, *self.open):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self.open.clear()

    def accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.create_connection((self.redis.host, self.redis.port or 6379))
            self.open += [near, far]
            for ends in ((near, far), (far, near)):
                Thread(target=self.carry, args=ends, daemon=True).start()

    def carry(self, here: socket.socket, there: socket.socket) -> None:
        with suppress(OSError):
            while said := here.recv(65536):
                there.sendall(said)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/{self.redis.database or 0}"
