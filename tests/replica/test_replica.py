"""Reading from a real streaming replica, which is paused, stopped and restarted."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic, sleep

import pytest
from flask import Blueprint
from sqlalchemy import text

from app import create_app
from app.application import Application
from app.database import db
from app.sessions.guards import public
from app.unit_of_work import commit_later, reading, unit_of_work
from app.users.hashing import hash_password
from app.users.models import User
from config import SettingRefused
from tests.client import Client
from tests.conftest import PASSWORD, SETTINGS, dispose, migrate, signed_in, visitor
from tests.framework.postgresql_cluster import (
    Cluster,
    folder_of_postgres,
    new_cluster,
    run,
    running,
)

where = Blueprint("where", __name__)


def is_replica() -> bool:
    return bool(db.session.scalar(text("SELECT pg_is_in_recovery()")))


@where.route("/where", methods=["GET", "POST"])
@public
def database_used() -> dict[str, bool]:
    return {"replica": is_replica()}


@where.post("/where/reading")
@public
def database_used_reading() -> dict[str, bool]:
    with reading():
        return {"replica": is_replica()}


@where.post("/where/writing")
@public
def write() -> dict[str, bool]:
    db.session.add(User(email="bob@example.com"))
    commit_later()
    return {}


@pytest.fixture(scope="module")
def primary() -> Iterator[Cluster]:
    with new_cluster() as cluster:
        migrate(cluster.url())
        yield cluster


@pytest.fixture(scope="module")
def replica(primary: Cluster) -> Iterator[Cluster]:
    with folder_of_postgres() as folder:
        copy = Cluster(folder)
        run("pg_basebackup", "-R", "-c", "fast", "-D", copy.data, "-d", primary.url())
        copy.configure(unix_socket_directories=str(folder), wal_retrieve_retry_interval="100ms")
        with running(copy):
            yield copy


@pytest.fixture
def site(primary: Cluster, replica: Cluster) -> Iterator[Application]:
    primary.execute("DELETE FROM users")
    [[written]] = primary.execute("SELECT pg_current_wal_lsn()::text")
    has_it = "SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn"
    assert becomes_true(lambda: replica.execute(has_it, written) == [(True,)])
    urls = {"DATABASE_URL": primary.url(), "DATABASE_REPLICA_URL": replica.url()}
    application = create_app({**SETTINGS, **urls})
    application.test_client_class = Client
    application.register_blueprint(where)
    application.extensions["csrf"].exempt(where)
    yield application
    dispose(application)


@pytest.fixture
def alice(site: Application) -> User:
    user = User(email="alice@example.com", password_hash=hash_password(PASSWORD))
    with site.app_context(), unit_of_work():
        db.session.add(user)
    return user


def reads_from_replica(browser: Client) -> bool:
    response = browser.get("/where")
    assert response.status_code == 200
    return bool(response.json["replica"])


def becomes_true(condition: Callable[[], bool]) -> bool:
    """Return whether a condition becomes true within a few seconds."""
    until = monotonic() + 3
    while not condition() and monotonic() < until:
        sleep(0.05)
    return condition()


@contextmanager
def replay_paused(replica: Cluster) -> Iterator[None]:
    replica.execute("SELECT pg_wal_replay_pause()")
    try:
        yield
    finally:
        replica.execute("SELECT pg_wal_replay_resume()")


def test_a_get_reads_from_the_replica(site: Application) -> None:
    assert reads_from_replica(visitor(site))


@pytest.mark.parametrize("path", ["/where", "/where/reading"])
def test_a_request_that_may_write_never_reads_from_the_replica(
    path: str, site: Application
) -> None:
    assert visitor(site).post(path).json == {"replica": False}


def test_alice_sees_what_she_has_just_saved(
    site: Application, replica: Cluster, alice: User
) -> None:
    browser = signed_in(site, alice)
    assert becomes_true(lambda: browser.get("/account").status_code == 200)
    with replay_paused(replica):
        assert browser.submit("/account", display_name="Alice").status_code == 303
        assert "Alice" in browser.get("/account").text


def test_reads_after_a_write_use_the_primary_for_some_seconds(site: Application, clock) -> None:
    writer, other = visitor(site), visitor(site)
    writer.post("/where/writing")
    assert not reads_from_replica(writer)
    assert reads_from_replica(other)
    clock.forward(seconds=6)
    assert reads_from_replica(writer)


def test_a_public_page_stays_cacheable(site: Application) -> None:
    response = visitor(site).get("/where")
    assert "Set-Cookie" not in response.headers
    assert "Cookie" not in response.headers.get("Vary", "")


def test_a_replica_that_is_behind_is_not_used(
    site: Application, primary: Cluster, replica: Cluster
) -> None:
    browser = visitor(site)
    assert reads_from_replica(browser)
    with replay_paused(replica):
        primary.execute("CREATE TABLE something (); DROP TABLE something")
        assert becomes_true(lambda: not reads_from_replica(browser))


def test_a_login_ended_elsewhere_can_write_nothing_and_reads_a_second_at_most(
    site: Application, primary: Cluster, replica: Cluster, alice: User
) -> None:
    """The replica is paused, and was just found to be healthy."""
    browser = signed_in(site, alice)
    assert becomes_true(lambda: reads_from_replica(browser))
    token = browser.csrf_token("/account")
    with replay_paused(replica):
        site.extensions["replica"].record_health(True)
        ended_at = monotonic()
        primary.execute("DELETE FROM login_sessions")
        response = browser.post("/account", data={"csrf_token": token, "display_name": "Mallory"})
        assert response.status_code != 303 or "/login" in response.location
        assert becomes_true(lambda: browser.get("/account").status_code != 200)
        assert monotonic() - ended_at < 2
    assert primary.execute("SELECT display_name FROM users") == [("",)]


def test_a_replica_that_is_down_is_not_used(site: Application, replica: Cluster) -> None:
    browser = visitor(site)
    assert reads_from_replica(browser)
    replica.stop("immediate")
    try:
        assert not reads_from_replica(browser)
    finally:
        replica.start()
    site.extensions["replica"].checked_until = 0.0  # as after ten seconds
    assert becomes_true(lambda: reads_from_replica(browser))


def test_pages_can_be_read_while_the_primary_is_down(
    site: Application, primary: Cluster, replica: Cluster
) -> None:
    browser = visitor(site)
    assert reads_from_replica(browser)
    primary.stop("immediate")
    try:
        site.extensions["replica"].checked_until = 0.0
        assert reads_from_replica(browser)
        assert browser.post("/where/writing").status_code == 503
    finally:
        primary.start()


def test_the_replica_is_not_checked_at_each_request(site: Application, primary: Cluster) -> None:
    browser = visitor(site)
    query = "SELECT xact_commit FROM pg_stat_database WHERE datname = 'postgres'"
    reads_from_replica(browser)
    before = primary.execute(query)
    for _ in range(50):
        assert reads_from_replica(browser)
    [[after]] = primary.execute(query)
    assert after - before[0][0] < 25


def test_sqlite_has_no_replica() -> None:
    with pytest.raises(SettingRefused, match="DATABASE_REPLICA_URL needs PostgreSQL"):
        create_app({**SETTINGS, "DATABASE_REPLICA_URL": "postgresql://127.0.0.1/copy"})
