"""The example in docs/mail-topics.md works as printed."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from app.application import Application
from app.clock import now
from app.database import db  # part: de
from app.jobs.schedules import Schedule, schedules
from app.mail.models import Message
from app.preferences.models import Preferences  # part: de
from app.unit_of_work import unit_of_work  # part: de
from app.users.models import User
from tests.client import Client
from tests.conftest import Clock, signed_in
from tests.processes import ROOT


@cache
def declare() -> tuple[dict[str, Any], Schedule]:
    """Run the example. Only once, because the name of a job can be taken only once."""
    text = (ROOT / "docs/mail-topics.md").read_text()
    names: dict[str, Any] = {}
    exec(re.findall(r"```python\n(.*?)```", text, re.DOTALL)[0], names)  # noqa: S102  # of this repository
    return names, schedules.pop()


@pytest.fixture
def schedule() -> Iterator[Schedule]:
    """The schedule of the example, which other tests must not run."""
    _, schedule = declare()
    schedules.append(schedule)
    yield schedule
    schedules.remove(schedule)


def test_the_summary_is_mailed_to_users_who_want_it_in_their_language(
    make_app: Callable[..., Application],
    alice: User,
    bob: User,
    mailed: Callable[[str], list[Message]],
    clock: Clock,
    schedule: Schedule,
) -> None:
    site = make_app()
    declare()[0]["init_app"](site)
    signed_in(site, bob).submit("/account/mail", topics=[])
    # part: de
    with site.app_context(), unit_of_work():
        db.session.add(Preferences(user_id=alice.id, locale="de"))
    # end part: de
    flask = site.test_cli_runner()
    flask.invoke(args=["jobs", "run"])
    clock.forward(
        seconds=(schedule.following(now()) - now() + timedelta(minutes=1)).total_seconds()
    )
    flask.invoke(args=["jobs", "run"])
    assert len(mailed(alice.email)) == 1
    assert mailed(bob.email) == []
    assert mailed(alice.email)[0].locale == "de"  # part: de


def test_the_page_appears_with_the_topic(
    make_app: Callable[..., Application], alice: User
) -> None:
    site = make_app()
    declare()[0]["init_app"](site)
    browser: Client = signed_in(site, alice)
    assert "What is new in your notes, on Mondays." in browser.page("/account/mail").text
