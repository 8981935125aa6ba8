"""Workers that need nothing else: a few threads of the process that serves the site.

They are started at the first nudge and not before, because gunicorn loads the application once
and forks, and threads do not survive a fork. When the process ends they finish what they have
begun, within JOB_STOP_LIMIT; everything else waits in the database for the next process.
"""

import atexit
import os
from contextlib import suppress
from queue import Empty, Full, Queue
from threading import Event, Lock, Thread
from time import monotonic

from app.application import Application
from app.jobs.background import answer, queues

# More nudges than this add nothing: each one that finds a row is followed by another.
MOST_NUDGES = 1000


class Threads:
    def __init__(self, app: Application) -> None:
        self.app = app
        self.count: int = app.config["JOB_THREADS"]
        self.look_again: float = app.config["JOB_SWEEP_INTERVAL"].total_seconds()
        self.lock = Lock()
        self.pid: int | None = None

    def wake(self, queue: str) -> None:
        if self.count:
            self._start_threads()
            self._nudge(queue)

    def start(self) -> None:
        for queue in queues(self.app):
            self.wake(queue)

    def stop(self) -> None:
        """Let the threads finish what they have begun, for as long as JOB_STOP_LIMIT."""
        if self.pid != os.getpid():
            return
        self.stopping.set()
        for _ in self.threads:
            self._nudge("")
        until = monotonic() + self.app.config["JOB_STOP_LIMIT"].total_seconds()
        for thread in self.threads:
            thread.join(max(0, until - monotonic()))

    def _start_threads(self) -> None:
        with self.lock:
            if self.pid == os.getpid():
                return
            self.pid = os.getpid()
            self.stopping = Event()
            self.nudges: Queue[str] = Queue(MOST_NUDGES)
            self.threads = [Thread(target=self._work, daemon=True) for _ in range(self.count)]
            for thread in self.threads:
                thread.start()
            atexit.register(self.stop)

    def _nudge(self, queue: str) -> None:
        with suppress(Full):
            self.nudges.put_nowait(queue)

    def _work(self) -> None:
        while not self.stopping.is_set():
            try:
                queue = self.nudges.get(timeout=self.look_again)
            except Empty:
                self.start()
            else:
                self._answer(queue)

    def _answer(self, queue: str) -> None:
        if self.stopping.is_set():
            return
        with self.app.app_context():
            try:
                answer(queue)
            except Exception:
                # The database is away, most likely. The thread stays, and looks again later.
                self.app.logger.exception("%s could not be worked off", queue)
