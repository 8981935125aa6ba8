"""`flask doctor` reports invalid schedules, and a site on which no process sweeps."""

from collections.abc import Callable, Iterator

import pytest

from app.application import Application
from app.doctor.checks import refuse_wrong_settings
from app.jobs import run_later
from app.jobs.schedules import Schedule, queue_due_jobs, schedules
from config import SettingRefused
from tests.conftest import Clock
from tests.jobs.sample_jobs import rename

GOOD_KEY = "kZ3vW8pQ1xT6nB9mR4yL7cJ2hF5dG0sA"


@pytest.fixture
def declare() -> Iterator[Callable[..., None]]:
    """Return a function that adds a schedule until the end of the test."""
    before = len(schedules)

    def add(name: str, expression: str, time_zone: str = "UTC") -> None:
        schedules.append(Schedule(name, expression, time_zone, lambda: None))

    yield add
    del schedules[before:]


@pytest.mark.parametrize(
    ("expression", "time_zone", "reason"),
    [
        ("61 * * * *", "UTC", "Bad minute"),
        ("* * * *", "UTC", "does not have five fields"),
        ("* * * * * *", "UTC", "does not have five fields"),
        ("tomorrow", "UTC", "does not have five fields"),
        ("0 0 30 2 *", "UTC", "Bad day-of-month"),
        ("* * */20 * 1L", "UTC", "never due"),
        ("17 3 * * *", "Europe/Lockstep", "No time zone found"),
        ("17 3 * * *", "../etc/passwd", "ZoneInfo keys must"),
    ],
)
def test_an_invalid_schedule_is_an_error_and_stops_the_start(
    make_app: Callable[..., Application],
    declare: Callable[..., None],
    expression: str,
    time_zone: str,
    reason: str,
) -> None:
    declare("make_report", expression, time_zone)
    result = make_app(SECRET_KEY=GOOD_KEY).test_cli_runner().invoke(args=["doctor"])
    assert result.exit_code == 1
    [line] = [line for line in result.output.splitlines() if "make_report" in line]
    assert line.strip().startswith("error")
    assert reason in line
    with pytest.raises(SettingRefused, match="make_report"):
        refuse_wrong_settings(make_app(TESTING=False, SECRET_KEY=GOOD_KEY))


def test_two_schedules_of_one_name_are_an_error_and_stop_the_start(
    make_app: Callable[..., Application], declare: Callable[..., None]
) -> None:
    declare("make_report", "0 8 * * *")
    declare("make_report", "0 9 * * *")
    result = make_app(SECRET_KEY=GOOD_KEY).test_cli_runner().invoke(args=["doctor"])
    assert result.exit_code == 1
    assert "error  2 schedules are named make_report" in result.output
    with pytest.raises(SettingRefused, match="2 schedules are named make_report"):
        refuse_wrong_settings(make_app(TESTING=False, SECRET_KEY=GOOD_KEY))


def test_an_invalid_schedule_does_not_stop_the_others(
    app: Application, declare: Callable[..., None], clock: Clock
) -> None:
    """In development, where it does not stop the start."""
    declare("make_report", "61 * * * *")
    declare("after_it", "*/10 * * * *")
    with app.app_context():
        queue_due_jobs()
    assert "Bad minute" in app.test_cli_runner().invoke(args=["jobs", "schedules"]).output


def test_a_site_on_which_no_process_sweeps_is_a_warning(
    make_app: Callable[..., Application], clock: Clock
) -> None:
    site = make_app(SECRET_KEY=GOOD_KEY)

    def examine() -> str:
        return site.test_cli_runner().invoke(args=["doctor"]).output

    with site.app_context():
        run_later(rename, 1, "Alice")
    clock.forward(minutes=59)
    assert (
        "note  No process has looked for due jobs, emails and schedules yet. The site" in examine()
    )
    clock.forward(minutes=2)
    assert "warning  No process has looked for due jobs, emails and schedules yet, so" in examine()
    with site.app_context():
        queue_due_jobs()
    assert "ok  A process looks for due jobs, emails and schedules." in examine()
    clock.forward(minutes=45)
    assert "ok  A process looks for due jobs, emails and schedules." in examine()
    clock.forward(minutes=20)
    assert "warning  No process has looked for due jobs, emails and schedules since" in examine()
