"""Settings of Redis, checked by `flask doctor`, /readyz and the start."""

from collections.abc import Callable

import pytest

from app.application import Application
from config import SettingRefused
from tests.conftest import visitor
from tests.loaded_modules import loaded_by_start
from tests.redis.server import NO_SERVER

MakeApp = Callable[..., Application]
UNREACHABLE = "REDIS_URL names a server that cannot be reached"


def doctor(make_app: MakeApp, **settings: object) -> tuple[int, str]:
    result = make_app(**settings).test_cli_runner().invoke(args=["doctor"])
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("store", "expected"),
    [
        ("disk", "SESSION_STORE is 'disk'. Use cookie or redis."),
        ("redis", "SESSION_STORE is redis, but REDIS_URL is missing."),
    ],
)
def test_a_bad_store_is_named_with_a_way_out(make_app: MakeApp, store: str, expected: str) -> None:
    with pytest.raises(SettingRefused) as refused:
        make_app(SESSION_STORE=store, REDIS_URL="")
    assert refused.value.message.startswith(expected)


def test_8_there_is_no_session_store_in_the_database(make_app: MakeApp) -> None:
    with pytest.raises(SettingRefused, match="cookie or redis"):
        make_app(SESSION_STORE="sqlalchemy")


def test_the_doctor_says_where_rate_limits_are_counted(make_app: MakeApp, redis_url: str) -> None:
    sentence = "Rate limits are counted in Redis, for all processes together."
    assert sentence in doctor(make_app, REDIS_URL=redis_url)[1]
    assert sentence not in doctor(make_app, REDIS_URL="", SESSION_STORE="cookie")[1]


def test_an_unreachable_server_fails_the_doctor(make_app: MakeApp) -> None:
    status, output = doctor(make_app, REDIS_URL="redis://:pa55word@127.0.0.1:1/0")
    assert status == 1
    [line] = [line for line in output.splitlines() if UNREACHABLE in line]
    assert line.strip().startswith("error")
    assert "pa55word" not in output


def test_readyz_fails_without_its_server(make_app: MakeApp, redis_url: str) -> None:
    assert visitor(make_app(REDIS_URL=redis_url)).get("/readyz").status_code == 200
    response = visitor(make_app(REDIS_URL=NO_SERVER)).get("/readyz")
    assert (response.status_code, response.json["because"]) == (503, ["redis"])


def test_a_site_without_it_does_not_load_its_client(clean_database: str) -> None:
    assert "redis.client" not in loaded_by_start(clean_database)
