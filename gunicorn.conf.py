"""The configuration of gunicorn, which reads this file from the working directory.

Options on the command line (`gunicorn --threads 4 wsgi:app`) and in GUNICORN_CMD_ARGS override it.
"""

import gc
import os
import shutil  # part: monitoring
import tempfile  # part: monitoring
from pathlib import Path

from gunicorn.glogging import Logger


def usable_cpus() -> int:
    """Return the number of CPUs this process may use, limited by a container's quota."""
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    quota = Path("/sys/fs/cgroup/cpu.max")  # "200000 100000" means two CPUs, "max 100000" no limit
    if quota.is_file():
        share, period = quota.read_text().split()
        if share != "max":
            cpus = min(cpus or 1, max(1, int(share) // int(period)))
    return cpus or 1


def whole_number(name: str, default: int) -> int:
    """Read a positive number from the environment, or exit with an error message."""
    value = os.environ.get(name) or str(default)
    if not (value.isdecimal() and int(value) > 0):
        raise SystemExit(f"{name} is {value!r}. Write a whole number of at least 1.")
    return int(value)


# --- Address

# So that `gunicorn` works without arguments.
wsgi_app = "wsgi:app"

# A platform that sets PORT routes to it from outside the container. Otherwise only the proxy on
# the same machine may connect.
bind = f"0.0.0.0:{os.environ['PORT']}" if os.environ.get("PORT") else "127.0.0.1:8000"

# --- Concurrency

# Threads, because a request mostly waits for the database.
worker_class = "gthread"

# The same as DATABASE_POOL_SIZE: one more thread would only wait for a connection.
threads = whole_number("THREADS", whole_number("DATABASE_POOL_SIZE", 5))

# One process per CPU. At least two, so that one serves while the other is replaced. At most eight:
# the pools for reading and writing may hold 8 x 5 x 2 = 80 connections, and PostgreSQL allows 100
# by default. WEB_CONCURRENCY overrides this.
workers = whole_number("WEB_CONCURRENCY", min(max(usable_cpus(), 2), 8))

# part: monitoring
# --- Metrics

# Each process writes its metrics to a file in this folder, and any of them can report the total.
# A new folder for each start, because files of an earlier start would be counted again. A new
# server (USR2) inherits the variable of the old one, which deletes its own folder on exit.
METRICS_PREFIX = f"metrics-{os.getpid()}-"
given = Path(os.environ.get("PROMETHEUS_MULTIPROC_DIR") or "metrics-none").name
if given.startswith("metrics-") and not given.startswith(METRICS_PREFIX):
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix=METRICS_PREFIX)


def on_exit(server):
    """Delete the metrics folder of this server."""
    folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    if folder.name.startswith(METRICS_PREFIX):
        shutil.rmtree(folder, ignore_errors=True)


def child_exit(server, worker):
    """Remove the gauges of a worker that has ended, such as its requests in progress."""
    # Not at the top: it reads the variable when it is imported.
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)


# end part: monitoring
# --- Starting

# Load the application before forking: workers share memory, and a wrong setting stops the start
# instead of restarting workers forever. New code needs a restart; HUP does not load it.
preload_app = True

# Garbage collection takes a third of the startup time and finds nothing. It also writes to every
# object, which unshares the memory of the workers. So it is off until the fork, and afterwards
# ignores all objects from before it, as the docs of gc.freeze() recommend.
gc.disable()


def dispose_engines(server, *, close):
    """Dispose of the connection pools, if the application was loaded before the fork."""
    if not server.cfg.preload_app:
        return
    from app.database import db  # not at the top: gunicorn reads this file before the app

    with server.app.wsgi().app_context():
        for engine in db.engines.values():
            engine.dispose(close=close)


def pre_fork(server, worker):
    """Close all connections: SQLite's must not be used across a fork."""
    dispose_engines(server, close=True)
    gc.freeze()
    gc.enable()


def post_fork(server, worker):
    """Drop inherited connections without closing them: the parent may still use them."""
    dispose_engines(server, close=False)


def post_worker_init(worker):
    """Resume the emails and jobs that an earlier process left behind."""
    from app.jobs.workers import resume_pending  # not at the top, as above

    resume_pending(worker.wsgi)


# --- Stopping

# Seconds until a worker without a heartbeat is killed. With threads this means that the process
# hangs, not that a request is slow: the timeouts of the database limit those.
timeout = 30

# Seconds for current requests to finish. Below the 30 s after which Kubernetes and Heroku kill;
# allow as much wherever the default is less.
graceful_timeout = 25

# Workers are replaced regularly, so that a small memory leak does no harm; the jitter prevents
# that all are replaced at once.
max_requests = 5_000
max_requests_jitter = 500

# Seconds. Longer than proxies keep idle connections (AWS 60 s, Heroku 90 s), so that the
# proxy closes first and never sends a request on a connection that is being closed.
keepalive = 95

# Heartbeats touch a file, which on a slow disk can block and look like a hang.
MEMORY = "/dev/shm"  # noqa: S108  # nosec B108  # gunicorn creates its own file in it
worker_tmp_dir = MEMORY if os.access(MEMORY, os.W_OK) else None

# --- Proxy headers

# TRUSTED_PROXIES in the application decides which headers are trusted. So gunicorn itself sets
# neither https nor another path (SCRIPT_NAME) from a header.
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""

# Explicit, because some platforms set FORWARDED_ALLOW_IPS=*.
forwarded_allow_ips = "127.0.0.1,::1"

# Enough for browsers behind proxies, and small for attackers: 4 KB for the URL, 64 headers (a
# browser sends about 20, proxies add more), 8 KB each (two full cookies).
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190

# --- Logging

# The application writes the access log, with request ids (app/web/logs.py).
accesslog = None


class NoAccessLogger(Logger):
    """gunicorn's logger, without formatting access log lines that are not written.

    With a logconfig_dict, gunicorn formats a line for each request even if `accesslog` is None,
    which takes a tenth of a page's CPU time. This class disables --statsd-host.
    """

    @property
    def access_log_enabled(self):
        return bool(self.cfg.accesslog)


logger_class = NoAccessLogger
loglevel = os.environ.get("LOG_LEVEL", "info").lower()

# gunicorn's log lines have the format of the application's, without client addresses.
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "app.web.logs.make_formatter"}},
    "handlers": {"line": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"level": "WARNING", "handlers": ["line"]},
    "loggers": {
        "gunicorn.error": {"handlers": ["line"], "level": "INFO", "propagate": False},
        # It has its own handler; with propagation each line would appear twice.
        "app": {"propagate": False},
    },
}

# gunicorn 27 opens a control socket in $XDG_RUNTIME_DIR or $HOME/.gunicorn. Off, because two sites
# of one user would share the path, read-only containers cannot create it, and signals do the same.
control_socket_disable = True
