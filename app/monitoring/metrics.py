"""The metrics, named as Prometheus recommends.

With several processes, each writes its values to PROMETHEUS_MULTIPROC_DIR (prepared by
gunicorn.conf.py), and any of them can report the total.
"""

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram, values
from prometheus_client import generate_latest as render
from prometheus_client.multiprocess import MultiProcessCollector

from app.monitoring.rows import RowCollector

REQUESTS = Counter("http_requests", "HTTP requests.", ["method", "route", "status"])
SECONDS = Histogram(
    "http_request_duration_seconds",
    "Time from the start of a request until its response is ready.",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
IN_FLIGHT = Gauge(
    "http_requests_in_progress", "Requests in progress.", multiprocess_mode="livesum"
)
CONNECTIONS = Gauge(
    "database_connections_in_use",
    "Connections checked out of their pool.",
    ["pool"],
    multiprocess_mode="livesum",
)
COMMITS = Counter("database_commits", "Commits.")
COMMIT_FAILURES = Counter("database_commit_failures", "Commits that the database refused.")
ROLLBACKS = Counter("database_rollbacks", "Rollbacks.")
SIGN_INS = Counter(
    "sign_ins", "Sign-in attempts: succeeded, refused, throttled or failed.", ["outcome"]
)
MAILS_WITHHELD = Counter(
    "mails_withheld", "Requested emails that were not sent because of MAIL_DAILY_LIMIT."
)


def exposition() -> bytes:
    """Return the metrics of all processes, and the queued rows, in Prometheus's text format."""
    rows = CollectorRegistry()
    rows.register(RowCollector())
    if not is_multiprocess():
        return render(REGISTRY) + render(rows)
    processes = CollectorRegistry()
    MultiProcessCollector(processes)
    return render(processes) + render(rows)


def is_multiprocess() -> bool:
    return bool(getattr(values.ValueClass, "_multiprocess", False))
