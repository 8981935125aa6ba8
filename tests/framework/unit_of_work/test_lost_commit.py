"""R6: if the outcome of a commit is unknown, the response says so."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
from flask import session
from sqlalchemy import make_url

from app.database import OutcomeUnknown
from app.unit_of_work import after_commit, commit_later, unit_of_work
from tests.cut_connection import Proxy
from tests.databases import on_postgresql
from tests.view_site import Notes, Site, add

pytestmark = on_postgresql  # SQLite is a file, without a connection that can be lost.

PROGRAM = {"Accept": "application/json"}


class BreakingProxy(Proxy):
    """A proxy to PostgreSQL that breaks at a keyword: before the server gets it, or after."""

    word = b"COMMIT"
    arrives = True
    broken = False

    def forward(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if self.broken:  # this is the response, which must not arrive
                    return self.cut()
                self.broken = self.word in data
                if self.broken and not self.arrives:
                    return self.cut()
                target.sendall(data)
        return None


@pytest.fixture
def proxy(clean_database: str) -> Iterator[BreakingProxy]:
    proxy = BreakingProxy(clean_database)
    proxy.connect()
    yield proxy
    proxy.cut()


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def proxied_site(site: Site, proxy: BreakingProxy, notes: Notes) -> Site:
    """A site whose database is behind the proxy."""
    url = make_url(site.database_url).set(host="127.0.0.1", port=proxy.port)
    site.settings["DATABASE_URL"] = url.render_as_string(hide_password=False)

    @site.view()
    def act() -> dict[str, str]:
        add("bob@example.com")
        session["user"] = "bob"
        after_commit(notes, "mailed")
        commit_later()
        return {}

    return site


@pytest.mark.parametrize("arrives", [True, False])
@pytest.mark.parametrize("headers", [{}, PROGRAM])
def test_r6_a_commit_with_an_unknown_outcome_is_reported_as_unknown(
    arrives: bool, headers: dict[str, str], proxied_site: Site, proxy: BreakingProxy, notes: Notes
) -> None:
    proxy.arrives = arrives
    response = proxied_site.post(headers=headers)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert "Your changes may or may not have been saved." in response.text
    assert "Check whether they are there before you send them again." in response.text
    assert "Nothing" not in response.text
    assert "Set-Cookie" not in response.headers
    assert notes == []
    assert proxied_site.emails == (["bob@example.com"] if arrives else [])


def test_r6_the_log_says_that_commit_failed(
    proxied_site: Site, proxy: BreakingProxy, caplog: Any
) -> None:
    proxied_site.use_production_errors()
    proxied_site.post()
    assert "(during COMMIT)" in caplog.text


def test_r6_a_connection_lost_before_commit_saves_nothing(
    proxied_site: Site, proxy: BreakingProxy
) -> None:
    proxy.word = b"INSERT"
    response = proxied_site.post()
    assert response.status_code == 503
    assert "Nothing was saved." in response.text
    assert proxied_site.emails == []


def test_r11_a_command_reports_an_unknown_outcome(proxied_site: Site) -> None:
    with (
        proxied_site.app.app_context(),
        pytest.raises(OutcomeUnknown, match="COMMIT"),
        unit_of_work(),
    ):
        add("bob@example.com")
