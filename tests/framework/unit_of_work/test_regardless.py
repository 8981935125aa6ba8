"""R8: regardless() runs in its own unit, whatever the outcome of the request."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from flask import abort, g

from app.unit_of_work import after_commit, commit_later, regardless, unit_of_work
from app.users.accounts import has_users
from tests.commit_failures import deferred_refusal, lose_connection
from tests.view_site import Notes, Site, add, exceptions

COUNTED = ["counted@example.com"]


def count() -> None:
    add("counted@example.com")


def raise_(error: type[BaseException]) -> None:
    raise error


ENDS = {
    "a return": lambda: None,
    "abort(400)": lambda: abort(400),
    "an exception": lambda: raise_(ValueError),
    "a forgotten flag": lambda: add("bob@example.com"),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_r8_regardless_runs_however_the_request_ends(
    end: Callable[[], object], method: str, site: Site
) -> None:
    site.use_production_errors()

    @site.view(method)
    def act() -> dict[str, str]:
        regardless(count)
        end()
        return {}

    site.client.open("/act", method=method)
    assert site.emails == COUNTED


def test_r8_regardless_can_read_the_request(site: Site) -> None:
    notes = Notes()

    def note() -> None:
        notes(g.request_id)
        with unit_of_work():
            notes(g.request_id)

    @site.view()
    def act() -> dict[str, str]:
        regardless(note)
        return {}

    request_id = site.post().headers["X-Request-ID"]
    assert notes == [request_id, request_id]


def test_r8_regardless_runs_after_a_failed_commit(site: Site) -> None:
    notes = Notes()

    @site.view()
    def act() -> dict[str, str]:
        regardless(notes, "counted")
        add("bob@example.com")
        commit_later()
        return {}

    with deferred_refusal(site.database_url, "users"):
        assert site.post().status_code == 409
    assert notes == ["counted"]


def test_r8_regardless_runs_after_a_lost_connection(site: Site) -> None:
    @site.view()
    def act() -> dict[str, str]:
        regardless(count)
        has_users()
        lose_connection(site.database_url)
        abort(400)

    assert site.post().status_code == 400
    assert site.emails == COUNTED


def test_r8_regardless_runs_when_a_worker_is_stopped(site: Site) -> None:
    @site.view()
    def act() -> None:
        regardless(count)
        raise SystemExit

    with pytest.raises(SystemExit):
        site.post()
    assert site.emails == COUNTED


def test_r8_each_call_has_its_own_unit(site: Site, caplog: Any) -> None:
    def fail() -> None:
        add("half-done@example.com")
        raise ValueError

    notes = Notes()

    @site.view()
    def act() -> dict[str, str]:
        regardless(fail)
        regardless(count)
        regardless(partial(after_commit, notes, "after its commit"))
        return {"stands": True}

    assert site.post().json == {"stands": True}
    assert site.emails == COUNTED
    assert notes == ["after its commit"]
    [record] = exceptions(caplog)
    assert "fail" in record.message


def test_r8_regardless_waits_for_the_end_of_the_request(site: Site) -> None:
    @site.view()
    def act() -> dict[str, list[str]]:
        regardless(count)
        return {"people": site.emails}

    assert site.post().json == {"people": []}
    assert site.emails == COUNTED


def test_r8_a_call_can_add_another(site: Site) -> None:
    @site.view()
    def act() -> dict[str, str]:
        regardless(regardless, count)
        return {}

    site.post()
    assert site.emails == COUNTED


def test_r8_regardless_outside_a_unit_runs_at_once(site: Site) -> None:
    with site.app.app_context():
        regardless(count)
        assert site.emails == COUNTED


def test_r8_regardless_runs_after_a_failed_command(site: Site) -> None:
    with site.app.app_context(), suppress(ValueError), unit_of_work():
        regardless(count)
        add("bob@example.com")
        raise ValueError
    assert site.emails == COUNTED


def test_r8_the_connection_of_the_request_is_returned_first(site: Site) -> None:
    site.settings["DATABASE_POOL_SIZE"] = 1

    @site.view()
    def act() -> dict[str, str]:
        has_users()
        regardless(count)
        return {}

    site.post()
    assert site.emails == COUNTED
