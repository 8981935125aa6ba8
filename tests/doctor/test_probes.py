"""Liveness and readiness."""

from collections.abc import Callable

from alembic.script import ScriptDirectory
from sqlalchemy import text

from app.application import Application
from app.database import db
from app.users.models import User
from tests.client import Client
from tests.conftest import Clock, signed_in, visitor
from tests.processes import ROOT
from tests.sql_trace import SqlTrace

NOWHERE = "postgresql+psycopg://127.0.0.1:1/nowhere"


def test_healthz_checks_nothing_but_the_process(
    app: Application, trace_sql: Callable[[Application], SqlTrace]
) -> None:
    connection = trace_sql(app)
    response = visitor(app).get("/healthz")
    assert (response.status_code, connection.statements) == (200, [])
    assert "Set-Cookie" not in response.headers


def test_readyz_succeeds_if_all_services_are_reachable(client: Client) -> None:
    assert client.get("/readyz").status_code == 200


def test_readyz_fails_if_the_database_lacks_migrations(app: Application) -> None:
    first = ScriptDirectory(str(ROOT / "migrations")).get_base()
    with app.app_context(), db.engine.begin() as connection:
        head = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": first})
    response = visitor(app).get("/readyz")
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": head})
    assert (response.status_code, response.json["because"]) == (503, ["migrations"])


def test_without_its_database_the_site_is_alive_but_not_ready(
    make_app: Callable[..., Application],
) -> None:
    client = visitor(make_app(DATABASE_URL=NOWHERE))
    assert client.get("/healthz").status_code == 200
    response = client.get("/readyz")
    assert (response.status_code, response.json["because"]) == (503, ["database"])
    assert "127.0.0.1" not in response.text


def test_probes_do_not_extend_a_login(app: Application, alice: User, clock: Clock) -> None:
    client = signed_in(app, alice)
    for _ in range(5):
        clock.forward(minutes=15)
        for path in ["/healthz", "/readyz"]:
            client.get(path)
    assert client.get("/account").status_code == 303
