"""What `flask doctor` says about the broker."""

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

from app.application import Application
from app.checks import Finding, error, ok

PORTS = {"redis": 6379, "rediss": 6379, "amqp": 5672, "amqps": 5671}
# Seconds to wait for the broker.
TIMEOUT = 2


def check_broker(app: Application) -> Iterator[Finding]:
    url = urlsplit(app.config["CELERY_BROKER_URL"])
    address = (url.hostname or "localhost", url.port or PORTS.get(url.scheme, 0))
    try:
        socket.create_connection(address, timeout=TIMEOUT).close()
    except OSError as failure:
        yield error(f"CELERY_BROKER_URL names a server that cannot be reached ({failure}).")
    else:
        yield ok("The broker can be reached.")
