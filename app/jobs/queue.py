"""Rows that are processed outside the transaction that wrote them.

A row is due at `next_attempt_at`. A worker claims it by moving that time to the end of the claim,
in a short unit of work, so that no other worker takes it. If the worker dies, the row is due again
when the claim ends: nothing but the row has to survive. A failed row is postponed, each time for
longer, and finally given up.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app
from flask_babel import get_locale
from sqlalchemy import Select, Update, select, update

from app.application import ExtensionPoint, this_app
from app.clock import now
from app.database import db
from app.jobs.queued import GIVEN_UP, MAX_ERROR_LENGTH, WAITING
from app.jobs.workers import workers
from app.request_globals import g
from app.unit_of_work import ReadOnlyRequest, after_commit, open_unit, reading, unit_of_work
from app.unit_of_work.batches import delete_in_batches
from app.web.logs import scrub

# Delays double up to this, so that after an outage of a day work resumes within hours, not days.
MAX_DELAY = timedelta(hours=6)
KILLED = "Each attempt ended without a result: its process was killed."

logger = logging.getLogger("app.jobs")


class PermanentFailure(Exception):
    """Another attempt would fail in the same way; the message says why."""


class ClaimLost(RuntimeError):
    """A row took longer than its claim and another worker has it, or it was given up."""


@dataclass(frozen=True)
class Queue:
    name: str
    model: type[Any]
    # Processes a claimed row and marks it as done, or raises. Returns the state if it is another.
    work: Callable[[Any], str | None]
    # The names of the settings that limit the attempts of a row and the time of one attempt.
    attempt_limit: str
    claim_lifetime: str

    def put(self, row: Any) -> None:
        """Add a row to the current unit of work, or to its own, and wake a worker on commit.

        Stores the request id and, unless the row has one, the current language with it. Raises
        ReadOnlyRequest in a request that only reads.
        """
        unit = open_unit()
        if unit is None:
            with unit_of_work():
                return self.put(row)
        if not unit.writes:
            raise ReadOnlyRequest(
                f"A request that only reads cannot add to the queue {self.name}. Use a POST."
            )
        row.request_id = g.request_id
        row.locale = row.locale or str(get_locale())
        db.session.add(row)
        after_commit(wake, self.name)

    def process_next(self) -> str | None:
        """Process the next due row; return its new state, or None if no row is due.

        Raises errors of the database; errors of the work itself are stored in the row.
        """
        with current_app.app_context():
            row = self.claim()
            if row is None:
                return None
            g.request_id = row.request_id
            return self._attempt(row)

    def claim(self) -> Any | None:
        """Claim the next due row, or return None.

        Reads before it writes, so that an empty queue never waits for another writer.
        """
        with reading():
            if db.session.scalar(self._next_due()) is None:
                return None
        due = self._next_due().with_for_update(skip_locked=True).scalar_subquery()
        claimed = (
            update(self.model)
            .where(self.model.id == due)
            .values(
                attempts=self.model.attempts + 1,
                next_attempt_at=now() + current_app.config[self.claim_lifetime],
            )
            .returning(self.model)
            .execution_options(synchronize_session=False)
        )
        with unit_of_work():
            return db.session.scalar(claimed)

    def mark_done(self, row: Any, **values: object) -> None:
        """Mark a claimed row as done in the current unit of work. Raises ClaimLost."""
        ended = {"state": self.model.DONE, "next_attempt_at": None, "ended_at": now()}
        done = self._still_claimed(row).values({**ended, "last_error": "", **values})
        if db.session.scalar(done.returning(self.model.id)) is None:
            raise ClaimLost(
                f"{self.name} {row.id} took longer than its claim and another worker has it, or "
                "it was given up meanwhile. The changes of this attempt were rolled back."
            )

    def retry(self, row_id: int | None = None) -> int:
        """Make one given-up row, or all of them, due now; return how many."""
        given_up = update(self.model).where(self.model.state == GIVEN_UP)
        if row_id is not None:
            given_up = given_up.where(self.model.id == row_id)
        due = given_up.values(state=WAITING, attempts=0, next_attempt_at=now(), ended_at=None)
        return len(db.session.execute(due.returning(self.model.id)).all())

    def give_up(self, row_id: int) -> bool:
        """Give up a row that waits; return whether it did.

        If a worker is processing the row, its attempt ends with ClaimLost and is rolled back. An
        email that it has passed to the mail server cannot be taken back.
        """
        waiting = update(self.model).where(self.model.id == row_id, self.model.state == WAITING)
        given_up = waiting.values(state=GIVEN_UP, next_attempt_at=None, ended_at=now())
        return db.session.scalar(given_up.returning(self.model.id)) is not None

    def prune(self) -> int:
        """Delete rows that ended more than FINISHED_WORK_LIFETIME ago; return how many."""
        oldest_kept = now() - current_app.config["FINISHED_WORK_LIFETIME"]
        return delete_in_batches(self.model, self.model.ended_at < oldest_kept)

    def _attempt(self, row: Any) -> str:
        try:
            if row.attempts > current_app.config[self.attempt_limit]:
                raise PermanentFailure(KILLED)
            state = self.work(row) or self.model.DONE
        except PermanentFailure as error:
            return self._give_up(row, error)
        except Exception as error:
            if row.attempts >= current_app.config[self.attempt_limit]:
                return self._give_up(row, error)
            return self._postpone(row, error)
        ended = "done" if state == self.model.DONE else state
        logger.info("%s %s", self.name, ended, extra=log_facts(row))
        return str(state)

    def _postpone(self, row: Any, error: Exception) -> str:
        logger.warning("%s postponed", self.name, exc_info=error, extra=log_facts(row))
        retry_at = now() + delay_after(row.attempts)
        self._store(row, next_attempt_at=retry_at, last_error=describe(error))
        return WAITING

    def _give_up(self, row: Any, error: Exception) -> str:
        logger.error("%s given up", self.name, exc_info=error, extra=log_facts(row))
        ended = {"state": GIVEN_UP, "next_attempt_at": None, "ended_at": now()}
        self._store(row, **ended, last_error=describe(error))
        return GIVEN_UP

    def _store(self, row: Any, **values: object) -> None:
        with unit_of_work():
            db.session.execute(self._still_claimed(row).values(**values))

    def _next_due(self) -> Select[tuple[int]]:
        return (
            select(self.model.id)
            .where(self.model.next_attempt_at <= now())
            .order_by(self.model.next_attempt_at, self.model.id)
            .limit(1)
        )

    def _still_claimed(self, row: Any) -> Update:
        same = (self.model.id == row.id, self.model.attempts == row.attempts)
        claimed = update(self.model).where(*same, self.model.state == WAITING)
        return claimed.execution_options(synchronize_session=False)


def prune_finished() -> int:
    """Delete the finished rows of all queues; return how many."""
    return sum(queue.prune() for queue in queues.items())


def delay_after(attempts: int) -> timedelta:
    """Return the delay before the next attempt: RETRY_DELAY, doubled after each further one."""
    first: timedelta = current_app.config["RETRY_DELAY"]
    doubled: int = 2 ** min(attempts - 1, 16)
    return min(first * doubled, MAX_DELAY)


def describe(error: Exception) -> str:
    """Return the class and first line of an error, without addresses and values.

    Mail servers repeat the address they refuse, and rows are copied into backups.
    """
    reason = scrub(str(error)).strip().partition("\n")[0]
    return f"{type(error).__name__}: {reason}".rstrip(": ")[:MAX_ERROR_LENGTH]


def log_facts(row: Any) -> dict[str, dict[str, object]]:
    """Return the fields of every log line about a row; the log adds the request id."""
    return {"facts": {"id": row.id, "name": row.name, "attempts": row.attempts}}


# --- The queues of an application ---------------------------------------------------------------


# The workers of an application process the queues that its parts add.
queues: ExtensionPoint[Queue] = ExtensionPoint("queues")


def wake(queue: str) -> None:
    """Notify a worker of new rows; does nothing if this application does not process the queue."""
    if any(it.name == queue for it in queues.items()):
        workers(this_app()).wake(queue)


def process_queue_once(queue: str) -> None:
    """Process one row, and wake a worker again in case there are more.

    One row at a time, so that many slow emails do not delay a job.
    """
    [found] = [it for it in queues.items() if it.name == queue]
    if found.process_next() is not None:
        wake(queue)
