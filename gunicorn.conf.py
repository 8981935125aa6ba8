"""How `gunicorn wsgi:app` serves the site. gunicorn reads this file by itself.

A word on the command line (`gunicorn --threads 4 wsgi:app`) or in GUNICORN_CMD_ARGS wins over it.
"""

import gc
import os
import shutil
import tempfile
from pathlib import Path

from gunicorn.glogging import Logger


def usable_cpus() -> int:
    """Count the CPUs this process may use, a container's share included."""
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    quota = Path("/sys/fs/cgroup/cpu.max")  # "200000 100000" is two CPUs, "max 100000" is all
    if quota.is_file():
        share, period = quota.read_text().split()
        if share != "max":
            cpus = min(cpus or 1, max(1, int(share) // int(period)))
    return cpus or 1


def whole_number(name: str, default: int) -> int:
    """Read a count from the environment, or stop with a sentence that says what is wrong."""
    value = os.environ.get(name) or str(default)
    if not (value.isdecimal() and int(value) > 0):
        raise SystemExit(f"{name} must be a whole number of at least 1, and it is {value!r}.")
    return int(value)


# --- What and where

# So that `gunicorn` alone works too.
wsgi_app = "wsgi:app"

# A platform that sets PORT routes to it from outside the container. Everywhere else a proxy on
# the same machine is in front, and nobody should reach us around it.
bind = f"0.0.0.0:{os.environ['PORT']}" if os.environ.get("PORT") else "127.0.0.1:8000"

# --- How many at once

# Threads, because a request mostly waits for the database, and waiting needs no CPU.
worker_class = "gthread"

# As many as DATABASE_POOL_SIZE, whose default this is: one more would only wait for a connection.
threads = whole_number("THREADS", whole_number("DATABASE_POOL_SIZE", 5))

# One process for each CPU, as one runs Python on one CPU at a time. Two at least: one serves while
# the other is replaced. Eight at most: each thread may hold a connection for reading or one for
# writing, 8 x 5 x 2 = 80 in all, and PostgreSQL lends out 100. WEB_CONCURRENCY goes past that.
workers = whole_number("WEB_CONCURRENCY", min(max(usable_cpus(), 2), 8))

# --- Counting

# Each process keeps its numbers for /metrics in a file here, and any of them adds all up. A folder
# of its own for each start: numbers of an earlier one would be counted again, and a new server
# (USR2) inherits the variable of the old one, which removes its folder when it ends.
COUNTED_HERE = f"metrics-{os.getpid()}-"
given = Path(os.environ.get("PROMETHEUS_MULTIPROC_DIR") or "metrics-none").name
if given.startswith("metrics-") and not given.startswith(COUNTED_HERE):
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix=COUNTED_HERE)


def on_exit(server):
    """Leave no folder of ours behind."""
    folder = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    if folder.name.startswith(COUNTED_HERE):
        shutil.rmtree(folder, ignore_errors=True)


def child_exit(server, worker):
    """Take a dead worker's share out of what is counted as under way."""
    from prometheus_client import multiprocess  # only now: it looks for the folder when imported

    multiprocess.mark_process_dead(worker.pid)


# --- Starting

# Loaded once and then forked: workers share the memory, and a configuration that is wrong stops
# the start instead of making workers die in a circle. New code needs a restart, not a HUP.
preload_app = True

# What is loaded stays until the end, and looking for garbage among it takes a third of the start.
# It also writes into every object, and so gives each worker a copy of what all could share. So
# nobody looks before the fork, nor among what is older than it: the docs of gc.freeze() say why.
gc.disable()


def dispose_engines(server, *, close):
    """Empty the pools of the database, if the application is loaded already."""
    if not server.cfg.preload_app:
        return
    from app.database import db  # only now: gunicorn reads this file before it loads the app

    with server.app.wsgi().app_context():
        for engine in db.engines.values():
            engine.dispose(close=close)


def pre_fork(server, worker):
    """Close what the start opened: SQLite forbids to carry a connection across a fork."""
    dispose_engines(server, close=True)
    gc.freeze()
    gc.enable()


def post_fork(server, worker):
    """Forget what the parent holds all the same: two processes must not talk on one connection."""
    dispose_engines(server, close=False)


def post_worker_init(worker):
    """Take up the mails and jobs that a process before this one left, without a nudge."""
    from app.jobs.workers import resume_pending  # only now, as above

    resume_pending(worker.wsgi)


# --- Ending

# A worker whose main thread is silent this long is killed. With threads that means a process
# that hangs, not a slow request: those are bounded by the database's own timeouts.
timeout = 30

# Requests under way may finish. Below the 30 s that Kubernetes and Heroku wait before they kill;
# Docker waits 10 s, unless `docker stop --time 30` or stop_grace_period says otherwise.
graceful_timeout = 25

# A worker is replaced now and then, so that a small leak never becomes a night call; the jitter
# keeps them from all going at the same moment.
max_requests = 5_000
max_requests_jitter = 500

# Longer than proxies keep an idle connection (nginx and AWS 60 s, Heroku 90 s): the proxy closes
# first, and never sends a request into a connection that we are just closing.
keepalive = 95

# Heartbeats are file touches; on a busy or network disk they block and look like a hang.
MEMORY = "/dev/shm"  # noqa: S108  # nosec B108  # gunicorn makes a file of its own in it
worker_tmp_dir = MEMORY if os.access(MEMORY, os.W_OK) else None

# --- Whom to believe

# How many proxies to believe is decided in one place, by TRUSTED_PROXIES in the application. So
# here no header makes a request https, and none moves it to another path (SCRIPT_NAME).
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""

# Written down all the same, because some platforms set FORWARDED_ALLOW_IPS=* for everybody.
forwarded_allow_ips = "127.0.0.1,::1"

# Roomy for browsers behind proxies, small for whoever tries: a URL of 4 KB, 64 headers (a
# browser sends about 20, proxies add their own), 8 KB each (two full cookies).
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 8190

# --- What is told

# The application writes one line a request, with its request id (app/logs.py). Two would differ.
accesslog = None


class LoggerWhenAsked(Logger):
    """gunicorn's own, which makes up an access line for each request as soon as it has a
    logconfig_dict, and throws it away where there is no access log: a tenth of a page's CPU.

    With a class of ours here, --statsd-host has none of its own; /metrics has the numbers.
    """

    @property
    def access_log_enabled(self):
        return bool(self.cfg.accesslog)


logger_class = LoggerWhenAsked
loglevel = os.environ.get("LOG_LEVEL", "info").lower()

# gunicorn's own lines look like the application's, and tell no client's address either.
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "app.logs.make_formatter"}},
    "handlers": {"line": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"level": "WARNING", "handlers": ["line"]},
    "loggers": {
        "gunicorn.error": {"handlers": ["line"], "level": "INFO", "propagate": False},
        # It has a handler of its own; the one at the root would say each line twice.
        "app": {"propagate": False},
    },
}

# gunicorn 27 would take commands on a socket in $XDG_RUNTIME_DIR or $HOME/.gunicorn. Off: two
# sites of one user would share that one path, read-only containers have no such place, and
# systemd, Docker and plain signals stop and restart us already.
control_socket_disable = True
