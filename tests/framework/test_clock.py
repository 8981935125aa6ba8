"""The clock, and how times are stored."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from app.application import Application
from app.clock import now
from app.database import db
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.conftest import Clock

SUMMER_IN_BERLIN = timezone(timedelta(hours=2))


def store(app: Application, when: datetime) -> None:
    with app.app_context(), unit_of_work():
        db.session.add(User(email="charlie@example.com", created_at=when))


def read(app: Application) -> datetime:
    with app.app_context():
        return db.session.scalars(select(User.created_at)).one()


def test_now_is_aware_and_in_utc() -> None:
    assert now().tzinfo is UTC
    assert abs(now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_test_can_set_the_time_forward(clock: Clock) -> None:
    before = now()
    clock.forward(days=30, minutes=5)
    assert timedelta(days=30, minutes=5) <= now() - before < timedelta(days=30, minutes=6)


def test_a_stored_time_keeps_its_microseconds(app: Application) -> None:
    when = datetime(2026, 7, 1, 12, 30, 15, 123_456, tzinfo=UTC)
    store(app, when)
    assert read(app) == when
    assert read(app).tzinfo is not None


def test_a_time_of_another_zone_is_converted_to_utc(app: Application) -> None:
    store(app, datetime(2026, 7, 1, 12, 0, tzinfo=SUMMER_IN_BERLIN))
    assert read(app) == datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
    assert read(app).utcoffset() == timedelta()


def test_a_naive_time_is_refused(app: Application) -> None:
    with pytest.raises(StatementError, match=r"has no time zone; use app\.clock\.now\(\)"):
        store(app, datetime(2026, 7, 1, 12, 0))  # noqa: DTZ001  # the mistake under test


def test_times_are_compared_in_the_database(app: Application) -> None:
    store(app, datetime(2026, 7, 1, 12, 0, tzinfo=SUMMER_IN_BERLIN))
    later = select(User.id).where(User.created_at > datetime(2026, 7, 1, 9, 59, tzinfo=UTC))
    with app.app_context():
        assert db.session.scalars(later).one()
        earlier = later.where(User.created_at < datetime(2026, 7, 1, 10, 0, tzinfo=UTC))
        assert db.session.scalars(earlier).one_or_none() is None
