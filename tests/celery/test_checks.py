"""`flask doctor` reports whether the broker can be reached."""

from collections.abc import Callable

from app.application import Application

GOOD_KEY = "kZ3vW8pQ1xT6nB9mR4yL7cJ2hF5dG0sA"


def doctor(site: Application) -> str:
    return site.test_cli_runner().invoke(args=["doctor"]).output


def test_an_unreachable_broker_is_an_error_without_its_password(
    make_app: Callable[..., Application],
) -> None:
    broker = "redis://:pa55word@127.0.0.1:1/0"
    output = doctor(make_app(SECRET_KEY=GOOD_KEY, CELERY_BROKER_URL=broker))
    assert "error  CELERY_BROKER_URL names a server that cannot be reached" in output
    assert "pa55word" not in output


def test_a_broker_that_can_be_reached_is_ok(
    make_app: Callable[..., Application], broker: str
) -> None:
    output = doctor(make_app(SECRET_KEY=GOOD_KEY, CELERY_BROKER_URL=broker))
    assert "ok  The broker can be reached." in output


def test_a_site_without_it_has_no_broker(make_app: Callable[..., Application]) -> None:
    assert "broker" not in doctor(make_app(SECRET_KEY=GOOD_KEY))
