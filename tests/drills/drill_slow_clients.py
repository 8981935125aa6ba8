"""500 clients that never finish what they send, while people work."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from socket import create_connection
from ssl import SSLContext
from time import sleep
from urllib.parse import urlsplit

from tests.drills.drilling import Drill
from tests.drills.load import UNANSWERED
from tests.nginx import nginx
from tests.serving import Server

MANY = 500
BEGUN = b"POST /login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nemail="


def test_500_slow_clients_behind_nginx(
    drill: Drill, serve: Callable[..., Server], tmp_path: Path
) -> None:
    with nginx(tmp_path, serve(TRUSTED_PROXIES="1").url) as (url, trust), ExitStack() as slow:

        def crowd() -> None:
            for _ in range(MANY):
                slow.enter_context(dawdle(url, trust))
            sleep(3)

        load = drill.run(url, crowd, trust=trust)
    assert load.statuses[503] == 0
    assert load.statuses[UNANSWERED] == 0
    assert load.longest_silence < 5


def dawdle(url: str, trust: SSLContext) -> closing:  # type: ignore[type-arg]
    """Begin a request, and never end it."""
    where = urlsplit(url)
    connection = trust.wrap_socket(
        create_connection(("127.0.0.1", where.port or 443)), server_hostname=where.hostname
    )
    connection.sendall(BEGUN)
    return closing(connection)
