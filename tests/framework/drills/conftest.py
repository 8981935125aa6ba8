"""Fixtures of the drills: a separate PostgreSQL, the site in gunicorn, and the drill itself."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app import create_app
from app.database import db
from app.unit_of_work import unit_of_work
from app.users.hashing import hash_password
from app.users.models import User
from tests.conftest import SETTINGS, dispose, migrate
from tests.framework.drills.drill import EMAILS, Drill, Site
from tests.framework.drills.load import PASSWORD
from tests.framework.postgresql_cluster import Cluster, new_cluster
from tests.serving import Server, environment

FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with new_cluster() as cluster:
        migrate(cluster.url())
        populate(cluster.url())
        yield cluster


def populate(url: str) -> None:
    """Create the accounts of the simulated users."""
    application = create_app({**SETTINGS, "DATABASE_URL": url})
    password_hash = hash_password(PASSWORD)
    with application.app_context(), unit_of_work():
        db.session.add_all(User(email=email, password_hash=password_hash) for email in EMAILS)
    dispose(application)


@pytest.fixture
def serve(cluster: Cluster, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Return a function that serves the site: serve(TRUSTED_PROXIES="1", …).url."""
    servers: list[Server] = []

    def start(**settings: str) -> Server:
        variables = {"DATABASE_URL": cluster.url(), "RATE_LIMITS_ENABLED": "false", **settings}
        path = tmp_path / f"gunicorn-{len(servers)}.log"
        servers.append(Site(path, environment(**variables)))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def drill(request: pytest.FixtureRequest, cluster: Cluster) -> Iterator[Drill]:
    figures = request.config.stash.setdefault(FIGURES, [])
    name = request.node.name.removeprefix("test_").replace("_", " ")
    drill = Drill(name, cluster, figures)
    yield drill
    drill.assert_no_connection_is_left_open()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in terminalreporter.config.stash.get(FIGURES, []):
        terminalreporter.write_line(line)
