"""What is counted, under the names Prometheus's own guide gives such things.

With several processes each writes its numbers into PROMETHEUS_MULTIPROC_DIR, which
gunicorn.conf.py prepares, and any of them tells all.
"""

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, values
from prometheus_client import generate_latest as render
from prometheus_client.multiprocess import MultiProcessCollector

from app.monitoring.rows import RowCollector

REQUESTS = Counter("http_requests", "Requests answered.", ["method", "route", "status"])
SECONDS = Histogram(
    "http_request_duration_seconds",
    "How long a request took until its answer was ready.",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
IN_FLIGHT = Gauge("http_requests_in_progress", "Requests under way.", multiprocess_mode="livesum")
CONNECTIONS = Gauge(
    "database_connections_in_use",
    "Connections taken from their pool.",
    ["pool"],
    multiprocess_mode="livesum",
)
COMMITS = Counter("database_commits", "Times COMMIT was sent.")
COMMIT_FAILURES = Counter("database_commit_failures", "Times the database refused a COMMIT.")
ROLLBACKS = Counter("database_rollbacks", "Times ROLLBACK was sent.")
SIGN_INS = Counter(
    "sign_ins", "Tries to sign in: succeeded, refused, too-often or failed.", ["outcome"]
)
MAILS_WITHHELD = Counter(
    "mails_withheld", "Mails that visitors asked for beyond MAIL_DAILY_LIMIT of one address."
)


def exposition() -> bytes:
    """Return all numbers of all processes, and the rows that wait, as Prometheus reads them."""
    rows = CollectorRegistry()
    rows.register(RowCollector())
    if not is_multiprocess():
        return render(REGISTRY) + render(rows)
    processes = CollectorRegistry()
    MultiProcessCollector(processes)
    return render(processes) + render(rows)


def is_multiprocess() -> bool:
    return bool(getattr(values.ValueClass, "_multiprocess", False))
