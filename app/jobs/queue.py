"""Rows that wait for something to be done outside the transaction that wrote them.

A row is due at `next_attempt_at`. Whoever takes it first moves that to the end of a claim, in a
short unit of its own, and so nobody else takes it. If they die it is due again by itself: nothing
but the row has to survive. What fails is put off, each time for longer, and given up in the end.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app, g
from flask_babel import get_locale
from sqlalchemy import Select, Update, select, update

from app.batches import delete_in_batches
from app.clock import now
from app.database import db
from app.jobs.background import wake
from app.jobs.queued import GIVEN_UP, LONGEST_ERROR, WAITING
from app.logs import without_private
from app.unit_of_work import ReadOnlyRequest, after_commit, open_unit, reading, unit_of_work

# Delays double up to here, so that whatever was away for a day is not found back only days later.
LONGEST_DELAY = timedelta(hours=6)
KILLED = "Each attempt ended without a word: whoever made it was killed."

logger = logging.getLogger("app.jobs")


class RefusedForGood(Exception):
    """Trying again would change nothing; the message says why."""


class ClaimLost(RuntimeError):
    """A row took longer than its claim, and somebody else has taken it since."""


@dataclass(frozen=True)
class Queue:
    name: str
    model: type[Any]
    # Does what a row asks for, marks it as done and returns, or raises.
    work: Callable[[Any], None]
    # The settings that say how often a row is tried, and how long one attempt may take.
    attempt_limit: str
    claim_lifetime: str

    def put(self, row: Any) -> None:
        """Write a row in the unit that is open, or one of its own, to be worked off after it.

        It notes the request that asks, and the language in force unless it has one. Raises
        ReadOnlyRequest in a request that only reads.
        """
        unit = open_unit()
        if unit is None:
            with unit_of_work():
                return self.put(row)
        if not unit.writes:
            raise ReadOnlyRequest(
                f"Something for {self.name} was asked for in a request that only reads. "
                "Let the page send a POST."
            )
        row.request_id = g.get("request_id")
        row.locale = row.locale or str(get_locale())
        db.session.add(row)
        after_commit(wake, self.name)

    def work_next(self) -> str | None:
        """Do what the next due row asks for; return its state after that, or None if none is due.

        Raises what the database raises; what the work itself raises is recorded in the row.
        """
        with current_app.app_context():
            row = self.claim()
            if row is None:
                return None
            g.request_id = row.request_id
            return self._attempt(row)

    def claim(self) -> Any | None:
        """Take the next due row for the length of a claim, or return None.

        It looks before it writes, so that looking in vain never queues behind a writer.
        """
        with reading():
            if db.session.scalar(self._next_due()) is None:
                return None
        due = self._next_due().with_for_update(skip_locked=True).scalar_subquery()
        taken = (
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
            return db.session.scalar(taken)

    def mark_done(self, row: Any, **values: object) -> None:
        """Mark a claimed row as done in the unit that is open; raise ClaimLost if it was taken."""
        done = self._still_claimed(row).values(
            state=self.model.DONE, next_attempt_at=None, ended_at=now(), last_error="", **values
        )
        if db.session.scalar(done.returning(self.model.id)) is None:
            raise ClaimLost(f"{self.name} {row.id} took longer than its claim and was taken over.")

    def retry(self, row_id: int | None = None) -> int:
        """Let one row that was given up, or all of them, be tried anew; return how many."""
        given_up = update(self.model).where(self.model.state == GIVEN_UP)
        if row_id is not None:
            given_up = given_up.where(self.model.id == row_id)
        anew = given_up.values(state=WAITING, attempts=0, next_attempt_at=now(), ended_at=None)
        return len(db.session.execute(anew.returning(self.model.id)).all())

    def prune(self) -> int:
        """Delete what ended longer ago than FINISHED_WORK_LIFETIME; return how many rows."""
        long_ago = now() - current_app.config["FINISHED_WORK_LIFETIME"]
        return delete_in_batches(self.model, self.model.ended_at < long_ago)

    def _attempt(self, row: Any) -> str:
        try:
            if row.attempts > current_app.config[self.attempt_limit]:
                raise RefusedForGood(KILLED)
            self.work(row)
        except RefusedForGood as error:
            return self._give_up(row, error)
        except Exception as error:
            if row.attempts >= current_app.config[self.attempt_limit]:
                return self._give_up(row, error)
            return self._put_off(row, error)
        logger.info("%s done", self.name, extra=facts(row))
        return str(self.model.DONE)

    def _put_off(self, row: Any, error: Exception) -> str:
        logger.warning("%s put off", self.name, exc_info=error, extra=facts(row))
        again_at = now() + delay_after(row.attempts)
        self._record(row, next_attempt_at=again_at, last_error=describe(error))
        return WAITING

    def _give_up(self, row: Any, error: Exception) -> str:
        logger.error("%s given up", self.name, exc_info=error, extra=facts(row))
        ended = {"state": GIVEN_UP, "next_attempt_at": None, "ended_at": now()}
        self._record(row, **ended, last_error=describe(error))
        return GIVEN_UP

    def _record(self, row: Any, **values: object) -> None:
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
        mine = update(self.model).where(*same, self.model.state == WAITING)
        return mine.execution_options(synchronize_session=False)


def delay_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts: RETRY_DELAY, and each time twice as long."""
    first: timedelta = current_app.config["RETRY_DELAY"]
    doubled: int = 2 ** min(attempts - 1, 16)
    return min(first * doubled, LONGEST_DELAY)


def describe(error: Exception) -> str:
    """Return the class and the first sentence of an error, without anybody's address or values.

    Mail servers repeat the address they refuse, and rows are copied into backups.
    """
    said = without_private(str(error)).strip().partition("\n")[0]
    return f"{type(error).__name__}: {said}".rstrip(": ")[:LONGEST_ERROR]


def facts(row: Any) -> dict[str, dict[str, object]]:
    """Return what every log line about a row carries; the request id is added by the log."""
    return {"facts": {"id": row.id, "name": row.name, "attempts": row.attempts}}
