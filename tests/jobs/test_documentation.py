"""The schedule that docs/jobs.md shows runs as it says."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache

import pytest

from app.application import Application
from app.clock import now
from app.jobs.schedules import Schedule, schedules
from app.mail.models import Message
from tests.conftest import Clock
from tests.processes import ROOT


@cache
def declare() -> Schedule:
    """Run the example. Only once, because the name of a job can be taken only once."""
    section = (ROOT / "docs/jobs.md").read_text().partition("## Schedules")[2]
    example = re.findall(r"```python\n(.*?)```", section, re.DOTALL)[0]
    exec(example, {})  # noqa: S102  # the example of this repository
    return schedules.pop()


@pytest.fixture
def example() -> Iterator[Schedule]:
    schedule = declare()
    schedules.append(schedule)
    yield schedule
    schedules.remove(schedule)


@pytest.mark.parametrize("eight_in_berlin", ["2027-01-04 07:00", "2027-07-05 06:00"])
def test_the_report_is_mailed_on_mondays_at_8_in_berlin(
    app: Application,
    example: Schedule,
    outbox: Callable[[], list[Message]],
    clock: Clock,
    eight_in_berlin: str,
) -> None:
    due = datetime.fromisoformat(eight_in_berlin).replace(tzinfo=UTC)
    flask = app.test_cli_runner()
    clock.forward(seconds=(due - now()).total_seconds() - 60)
    flask.invoke(args=["jobs", "run"])
    assert outbox() == []
    clock.forward(minutes=1)
    flask.invoke(args=["jobs", "run"])
    flask.invoke(args=["jobs", "run"])
    assert [mail.recipient for mail in outbox()] == ["team@example.com"]
    [line] = [
        line
        for line in flask.invoke(args=["jobs", "schedules"]).output.splitlines()
        if example.name in line
    ]
    assert line.startswith(
        "mail_weekly_report  0 8 * * MON  Europe/Berlin  "
        f"last {due:%Y-%m-%d %H:%M}  next {example.following(due):%Y-%m-%d %H:%M}"
    )
