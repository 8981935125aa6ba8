"""The default workers: a few threads of the process that serves the site.

gunicorn loads the application before it forks, and threads do not survive a fork. So they start
with the process that serves (gunicorn.conf.py), and under any other server with its first request
or notification. When the process ends they finish their current row, within JOB_STOP_LIMIT. All
other rows wait in the database for the next process.
"""

import atexit
import os
from collections.abc import Callable
from contextlib import suppress
from queue import Empty, Full, Queue
from threading import Event, Lock, Thread
from time import monotonic

from flask import request_started

from app.application import Application
from app.jobs.queue import process_queue_once, queues
from app.jobs.schedules import queue_due_jobs

# More add nothing: each notification that finds a row sends another.
MAX_NOTIFICATIONS = 1000


class Threads:
    def __init__(self, app: Application) -> None:
        self.app = app
        self.count: int = app.config["JOB_THREADS"]
        self.sweep_seconds: float = app.config["JOB_SWEEP_INTERVAL"].total_seconds()
        self.lock = Lock()
        self.pid: int | None = None
        if self.count:
            # A weak reference: it ends if other workers replace these.
            request_started.connect(self.start_once, app)

    def wake(self, queue: str) -> None:
        if self.count:
            self._start_threads()
            self._notify(queue)

    def start(self) -> None:
        for queue in queues.items(self.app):
            self.wake(queue.name)

    def sweep(self) -> None:
        """Queue the jobs that are scheduled for now, and process every queue."""
        queue_due_jobs()
        self.start()

    def start_once(self, sender: Application) -> None:
        request_started.disconnect(self.start_once, sender)
        self._start_threads()

    def stop(self) -> None:
        """Let the threads finish their current row, for at most JOB_STOP_LIMIT."""
        if self.pid != os.getpid():
            return
        self.stopping.set()
        for _ in self.threads:
            self._notify("")
        until = monotonic() + self.app.config["JOB_STOP_LIMIT"].total_seconds()
        for thread in self.threads:
            thread.join(max(0, until - monotonic()))

    def _start_threads(self) -> None:
        with self.lock:
            if self.pid == os.getpid():
                return
            self.pid = os.getpid()
            self.stopping = Event()
            self.notifications: Queue[str] = Queue(MAX_NOTIFICATIONS)
            self.next_sweep = monotonic()
            self.threads = [Thread(target=self._run, daemon=True) for _ in range(self.count)]
            for thread in self.threads:
                thread.start()
            atexit.register(self.stop)

    def _notify(self, queue: str) -> None:
        with suppress(Full):
            self.notifications.put_nowait(queue)

    def _run(self) -> None:
        while not self.stopping.is_set():
            if self._claim_sweep():
                self._attempt(self.sweep)
            with suppress(Empty):
                queue = self.notifications.get(timeout=max(0, self.next_sweep - monotonic()))
                self._attempt(process_queue_once, queue)

    def _claim_sweep(self) -> bool:
        """Return whether this thread shall sweep now. Also on a busy site, where none is idle."""
        with self.lock:
            is_due = monotonic() >= self.next_sweep
            if is_due:
                self.next_sweep = monotonic() + self.sweep_seconds
            return is_due

    def _attempt(self, work: Callable[..., None], *queue: str) -> None:
        if self.stopping.is_set():
            return
        with self.app.app_context():
            try:
                work(*queue)
            except Exception:
                # Most likely the database is unreachable. The thread goes on with the next sweep.
                self.app.logger.exception("%s failed", " ".join([work.__name__, *queue]))
