"""Count the waiting and given-up jobs and emails, when the metrics are requested.

Finished rows are not counted: they are nearly all of a table that may hold millions.
"""

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from app.database import db
from app.jobs.models import Job
from app.jobs.queued import GIVEN_UP, WAITING
from app.mail.models import Message

STATES = {"jobs": Job.state, "mails": Message.state}


class RowCollector:
    def collect(self) -> Iterator[Metric]:
        """Yield the counts. If the database is down, `database_up` is 0 and no count is given."""
        is_up = 1
        for name, column in STATES.items():
            family = GaugeMetricFamily(name, f"Stored {name}.", labels=["state"])
            counts = select(column, func.count()).where(column.in_([WAITING, GIVEN_UP]))
            try:
                for state, count in db.session.execute(counts.group_by(column)):
                    family.add_metric([state], count)
            except SQLAlchemyError:
                is_up = 0
            yield family
        yield GaugeMetricFamily("database_up", "Whether the database answered.", value=is_up)
