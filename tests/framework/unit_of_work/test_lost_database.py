"""R12: if the database is down, the response is a 503 in time, without a stack trace."""

import socket
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app.users.accounts import has_users
from tests.databases import on_postgresql
from tests.view_site import Site


@pytest.fixture
def lost_site(site: Site, is_postgresql: bool, tmp_path: Path) -> Site:
    """A site whose database cannot be reached: no server listens, or the folder is missing."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        unused = f"postgresql://127.0.0.1:{server.getsockname()[1]}/nowhere"
    url = unused if is_postgresql else f"sqlite:///{tmp_path}/missing/database.sqlite3"
    return live_site(site, url)


def live_site(site: Site, database_url: str) -> Site:
    site.use_production_errors()
    site.settings |= {"DATABASE_URL": database_url, "DATABASE_TIMEOUT": timedelta(seconds=1)}
    site.view("GET", "POST")(lambda: {"people": has_users()})
    return site


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_r12_a_lost_database_is_a_503(method: str, lost_site: Site, caplog: Any) -> None:
    response = lost_site.client.open("/act", method=method)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert "Traceback" not in response.text + caplog.text
    assert "127.0.0.1" not in response.text


@on_postgresql
def test_r12_a_server_that_accepts_and_never_responds_is_a_503(site: Site) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        url = f"postgresql://127.0.0.1:{server.getsockname()[1]}/nowhere"
        began = time.monotonic()
        assert live_site(site, url).post().status_code == 503
        assert time.monotonic() - began < 10


def test_r12_a_page_without_queries_still_works(lost_site: Site) -> None:
    assert lost_site.get("/").status_code == 200


def test_r12_an_error_page_makes_no_query(lost_site: Site) -> None:
    with lost_site.client.session_transaction() as cookie:
        cookie["_user_id"] = "a token that nobody can look up now"
    assert lost_site.get("/nowhere").status_code == 404
    assert lost_site.get("/account").status_code == 503
