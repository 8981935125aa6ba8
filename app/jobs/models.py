"""The table of jobs."""

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
