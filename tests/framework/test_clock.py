"""What time it is, and how the database keeps it."""

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


def keep(app: Application, when: datetime) -> None:
    with app.app_context(), unit_of_work():
        db.session.add(User(email="charlie@example.com", created_at=when))


def read(app: Application) -> datetime:
    with app.app_context():
        return db.session.scalars(select(User.created_at)).one()


def test_the_time_is_in_utc_and_says_so() -> None:
    assert now().tzinfo is UTC
    assert abs(now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_a_test_may_move_the_time(clock: Clock) -> None:
    before = now()
    clock.forward(days=30, minutes=5)
    assert timedelta(days=30, minutes=5) <= now() - before < timedelta(days=30, minutes=6)


def test_a_time_comes_back_as_it_was_kept_to_the_microsecond(app: Application) -> None:
    when = datetime(2026, 7, 1, 12, 30, 15, 123_456, tzinfo=UTC)
    keep(app, when)
    assert read(app) == when
    assert read(app).tzinfo is not None


def test_a_time_of_another_zone_is_the_same_moment(app: Application) -> None:
    keep(app, datetime(2026, 7, 1, 12, 0, tzinfo=SUMMER_IN_BERLIN))
    assert read(app) == datetime(2026, 7, 1, 10, 0, tzinfo=UTC)
    assert read(app).utcoffset() == timedelta()


def test_a_time_without_a_zone_is_refused(app: Application) -> None:
    with pytest.raises(StatementError, match=r"has no time zone; use app\.clock\.now\(\)"):
        keep(app, datetime(2026, 7, 1, 12, 0))  # noqa: DTZ001  # the mistake under test


def test_times_are_compared_in_the_database(app: Application) -> None:
    keep(app, datetime(2026, 7, 1, 12, 0, tzinfo=SUMMER_IN_BERLIN))
    later = select(User.id).where(User.created_at > datetime(2026, 7, 1, 9, 59, tzinfo=UTC))
    with app.app_context():
        assert db.session.scalars(later).one()
        earlier = later.where(User.created_at < datetime(2026, 7, 1, 10, 0, tzinfo=UTC))
        assert db.session.scalars(earlier).one_or_none() is None
