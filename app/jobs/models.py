"""The tables of jobs and of their schedules."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Model
from app.jobs.queued import Queued

MAX_JOB_NAME_LENGTH = 80


class Job(Queued, Model):
    """One call of a function that is marked with @job."""

    __tablename__ = "jobs"

    name: Mapped[str] = mapped_column(String(MAX_JOB_NAME_LENGTH))
    arguments: Mapped[list[Any]] = mapped_column(JSON)

    @property
    def title(self) -> str:
        return f"{self.name}({', '.join(map(repr, self.arguments))})"


class ScheduledRun(Model):
    """A due time of a schedule. The row is written together with the job that it causes."""

    __tablename__ = "scheduled_runs"

    name: Mapped[str] = mapped_column(String(MAX_JOB_NAME_LENGTH), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(primary_key=True, index=True)
    # None if no job was queued, because the schedule was new.
    queued_at: Mapped[datetime | None]
