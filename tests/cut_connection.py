"""A TCP proxy to a server, whose connections a test can cut."""

import socket
from contextlib import suppress
from threading import Thread

from sqlalchemy import make_url


class Proxy:
    """A proxy to the server at `url`. cut() closes all connections."""

    default_port = 5432

    def __init__(self, url: str) -> None:
        self.target = make_url(url)
        self.port = 0
        self.open: list[socket.socket] = []

    def connect(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self.listener.getsockname()[1]
        Thread(target=self.accept, args=[self.listener], daemon=True).start()

    def cut(self) -> None:
        for end in (self.listener, *self.open):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self.open.clear()

    def accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = socket.create_connection(
                (self.target.host, self.target.port or self.default_port)
            )
            self.open += [client, server]
            for ends in ((client, server), (server, client)):
                Thread(target=self.forward, args=ends, daemon=True).start()

    def forward(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)

    @property
    def url(self) -> str:
        url = self.target.set(host="127.0.0.1", port=self.port)
        return url.render_as_string(hide_password=False)
