"""The metrics, and who may read them."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Response, stream_with_context

from app.application import Application
from app.database import db
from app.users.models import User
from tests.client import Client
from tests.commit_failures import deferred_refusal
from tests.conftest import PASSWORD, Clock, signed_in, visitor
from tests.view_site import Site

ROOT = Path(__file__).parent.parent.parent
TOKEN = "the-token-of-the-metrics"
WITH_TOKEN = {"Authorization": f"Bearer {TOKEN}"}
NOWHERE = "postgresql+psycopg://127.0.0.1:1/nowhere"


@pytest.fixture
def watched(make_app: Callable[..., Application]) -> Application:
    return make_app(METRICS_TOKEN=TOKEN)


def metrics(client: Client) -> dict[str, float]:
    lines = client.get("/metrics", headers=WITH_TOKEN).text.splitlines()
    pairs = [line.rpartition(" ") for line in lines if not line.startswith("#")]
    return {name: float(value) for name, _, value in pairs}


def increase(client: Client, name: str, do: Callable[[], object]) -> float:
    """Return by how much a metric increases while `do` runs."""
    before = metrics(client).get(name, 0)
    do()
    return metrics(client).get(name, 0) - before


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer wrong", TOKEN[:-1], "Bearer ÿ"])
def test_metrics_need_the_token(watched: Application, header: str) -> None:
    assert visitor(watched).get("/metrics", headers={"Authorization": header}).status_code == 404


def test_metrics_are_disabled_without_a_token_in_the_settings(client: Client) -> None:
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_an_invented_method_creates_no_series(watched: Application) -> None:
    client = visitor(watched)
    name = 'http_requests_total{method="other",route="none",status="405"}'
    assert increase(client, name, lambda: client.open("/login", method="MADEUP")) == 1
    assert not any("MADEUP" in name for name in metrics(client))


def test_requests_are_counted_by_route_and_never_by_path(watched: Application) -> None:
    client = visitor(watched)
    name = 'http_requests_total{method="GET",route="/login",status="200"}'
    assert increase(client, name, lambda: client.get("/login?next=/account")) == 1
    assert (
        increase(
            client,
            'http_request_duration_seconds_count{route="none"}',
            lambda: client.get("/wp-admin"),
        )
        == 1
    )
    assert not any("wp-admin" in name for name in metrics(client))


def test_sign_ins_are_counted_by_outcome(watched: Application, alice: User) -> None:
    client = visitor(watched)
    fields = {"email": alice.email, "password": "wrong horse"}
    name = 'sign_ins_total{outcome="%s"}'
    assert increase(client, name % "refused", lambda: client.submit("/login", **fields)) == 1
    fields["password"] = PASSWORD
    assert increase(client, name % "succeeded", lambda: client.submit("/login", **fields)) == 1


def test_transactions_are_counted(watched: Application, alice: User) -> None:
    client = signed_in(watched, alice)
    client.get("/account")
    change = lambda: client.submit("/account", display_name="Alice")  # noqa: E731  # shorter than a function
    assert increase(client, "database_commits_total", change) == 1


def test_a_commit_that_the_database_refuses_is_counted(
    watched: Application, clean_database: str
) -> None:
    client = visitor(watched)
    header = {"email": "charlie@example.com"}
    with deferred_refusal(clean_database, "mailed_links"):
        refused = lambda: client.submit("/register", **header)  # noqa: E731  # shorter than a function
        assert increase(client, "database_commit_failures_total", refused) == 1


def test_rollbacks_are_counted(watched: Application) -> None:
    def roll_back() -> None:
        with watched.app_context(), db.engine.connect() as connection:
            connection.begin().rollback()

    assert increase(visitor(watched), "database_rollbacks_total", roll_back) == 1


def test_requests_in_progress_and_connections_in_use_return_to_zero(watched: Application) -> None:
    values = metrics(visitor(watched))
    assert values["http_requests_in_progress"] == 1
    assert {value for name, value in values.items() if "connections_in_use" in name} <= {0, 1}
    assert re.fullmatch(r"[01]\.0", str(values["database_up"]))


def test_a_streamed_response_is_counted_once(site: Site) -> None:
    site.settings["METRICS_TOKEN"] = TOKEN

    @site.view("GET")
    def act() -> Response:
        return Response(stream_with_context(iter(["first", "second"])))

    before = metrics(site.client)["http_requests_in_progress"]
    site.get()
    assert metrics(site.client)["http_requests_in_progress"] == before


def test_the_dashboard_uses_only_existing_metrics(watched: Application, alice: User) -> None:
    client = visitor(watched)
    client.sign_in(alice.email)
    existing = {name.partition("{")[0] for name in metrics(client)} | {"jobs", "mails"}
    used = set(
        re.findall(
            r"\b(?:http|database|sign)_[a-z_]+|\b(?:jobs|mails)\b(?=\))",
            (ROOT / "deploy/grafana.json").read_text(),
        )
    )
    assert len(used) >= 9
    assert used <= existing


def test_without_its_database_the_site_still_reports(make_app: Callable[..., Application]) -> None:
    client = visitor(make_app(DATABASE_URL=NOWHERE, METRICS_TOKEN=TOKEN))
    assert metrics(client)["database_up"] == 0


def test_reading_the_metrics_does_not_extend_a_login(
    watched: Application, alice: User, clock: Clock
) -> None:
    client = signed_in(watched, alice)
    for _ in range(5):
        clock.forward(minutes=15)
        client.get("/metrics", headers=WITH_TOKEN)
    assert client.get("/account").status_code == 303


def test_withheld_emails_are_counted(
    make_app: Callable[..., Application], alice: User, clock: Clock
) -> None:
    site = make_app(MAIL_DAILY_LIMIT=3, METRICS_TOKEN=TOKEN)
    client = visitor(site)

    def ask_often() -> None:
        for _ in range(24):
            visitor(site).submit("/reset", email=alice.email)
            clock.forward(minutes=1)

    assert increase(client, "mails_withheld_total", ask_often) > 0


def test_the_doctor_reports_a_missing_token(make_app: Callable[..., Application]) -> None:
    result = make_app().test_cli_runner().invoke(args=["doctor"])
    assert "METRICS_TOKEN is not set: /metrics is disabled." in result.output
    result = make_app(METRICS_TOKEN=TOKEN).test_cli_runner().invoke(args=["doctor"])
    assert "METRICS_TOKEN" not in result.output
