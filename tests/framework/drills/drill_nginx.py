"""500 clients that never finish their requests, under load."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from socket import create_connection
from ssl import SSLContext
from time import sleep
from urllib.parse import urlsplit

from tests.framework.drills.drill import Drill
from tests.framework.drills.load import UNANSWERED
from tests.nginx import nginx
from tests.serving import Server

CLIENTS = 500
UNFINISHED = b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nemail="


def test_500_slow_clients_behind_nginx(
    drill: Drill, serve: Callable[..., Server], tmp_path: Path
) -> None:
    with nginx(tmp_path, serve(TRUSTED_PROXIES="1").url) as (url, trust), ExitStack() as slow:

        def connect_all() -> None:
            for _ in range(CLIENTS):
                slow.enter_context(begin_request(url, trust))
            sleep(3)

        load = drill.run(url, connect_all, trust=trust)
    assert load.statuses[503] == 0
    assert load.statuses[UNANSWERED] == 0
    assert load.longest_gap < 5


def begin_request(url: str, trust: SSLContext) -> closing:  # type: ignore[type-arg]  # generic in the stubs only
    """Send the beginning of a request."""
    where = urlsplit(url)
    connection = trust.wrap_socket(
        create_connection(("127.0.0.1", where.port or 443)), server_hostname=where.hostname
    )
    connection.sendall(UNFINISHED)
    return closing(connection)
