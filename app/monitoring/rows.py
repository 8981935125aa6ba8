"""How many mails and jobs wait or were given up, asked of the database when somebody looks.

What is done is not counted: it is nearly all of a table that may have millions of rows.
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
        """Count them. A database that is away is told, and takes no other number with it."""
        is_up = 1
        for name, state_of in STATES.items():
            family = GaugeMetricFamily(name, f"{name.capitalize()} on record.", labels=["state"])
            open_ones = state_of.in_([WAITING, GIVEN_UP])
            counted = select(state_of, func.count()).where(open_ones).group_by(state_of)
            try:
                for state, count in db.session.execute(counted):
                    family.add_metric([state], count)
            except SQLAlchemyError:
                is_up = 0
            yield family
        yield GaugeMetricFamily("database_up", "Whether the database answered.", value=is_up)
