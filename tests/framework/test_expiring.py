"""Values in the cookie session that expire on their own."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask import session as cookie

from app import expiring
from app.clock import now
from tests.conftest import Clock

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def request_context() -> Iterator[None]:
    app = Flask(__name__)
    app.secret_key = "for the tests only"
    with app.test_request_context():
        yield


def test_a_value_is_available_until_it_expires(clock: Clock) -> None:
    expiring.put("coupon", "SPRING", HOUR)
    clock.forward(minutes=59)
    assert expiring.get("coupon") == "SPRING"
    clock.forward(minutes=1)
    assert expiring.get("coupon") is None


def test_storing_it_again_restarts_its_lifetime(clock: Clock) -> None:
    expiring.put("coupon", "SPRING", HOUR)
    clock.forward(minutes=59)
    expiring.put("coupon", "SUMMER", HOUR)
    clock.forward(minutes=59)
    assert expiring.get("coupon") == "SUMMER"


def test_pop_returns_a_value_once() -> None:
    expiring.put("coupon", "SPRING", HOUR)
    assert expiring.pop("coupon") == "SPRING"
    assert expiring.pop("coupon") is None


def test_an_expired_value_is_removed_and_not_returned(clock: Clock) -> None:
    expiring.put("coupon", "SPRING", HOUR)
    clock.forward(hours=2)
    assert expiring.pop("coupon") is None
    assert "coupon" not in cookie


@pytest.mark.parametrize(
    "stored", [None, "SPRING", ["SPRING"], {"a": 1}, ["SPRING", "tomorrow"], []]
)
def test_a_missing_or_malformed_value_is_none(stored: object) -> None:
    cookie["coupon"] = stored
    assert expiring.get("coupon") is None


def test_a_value_can_be_read_from_another_mapping() -> None:
    elsewhere = {"coupon": ["SPRING", int(now().timestamp()) + 60]}
    assert expiring.get("coupon", elsewhere) == "SPRING"
    assert expiring.get("coupon", {}) is None
    assert not cookie.accessed or "coupon" not in cookie
