"""Fixtures of the tests of the starter."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app import create_app
from app.application import Application
from tests.conftest import SETTINGS, dispose
from tests.databases import databases, new_postgresql_database


@pytest.fixture(params=databases())
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Application]:
    """An application whose database has no tables."""
    if request.param == "sqlite":
        yield from site_on(f"sqlite:///{tmp_path}/empty.sqlite3")
    else:
        with new_postgresql_database() as url:
            yield from site_on(url)


def site_on(url: str) -> Iterator[Application]:
    application = create_app({**SETTINGS, "DATABASE_URL": url})
    yield application
    dispose(application)
