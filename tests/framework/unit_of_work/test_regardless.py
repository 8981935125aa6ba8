"""R8: what is done whatever happens, in a unit of its own."""

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
def test_r8_it_is_done_whatever_ends_the_request(
    end: Callable[[], object], method: str, site: Site
) -> None:
    site.goes_live()

    @site.view(method)
    def act() -> dict[str, str]:
        regardless(count)
        end()
        return {}

    site.client.open("/act", method=method)
    assert site.people == COUNTED


def test_r8_it_knows_the_request_that_caused_it(site: Site) -> None:
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


def test_r8_it_is_done_after_a_refused_commit(site: Site) -> None:
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


def test_r8_it_is_done_where_the_connection_was_lost(site: Site) -> None:
    @site.view()
    def act() -> dict[str, str]:
        regardless(count)
        has_users()
        lose_connection(site.database_url)
        abort(400)

    assert site.post().status_code == 400
    assert site.people == COUNTED


def test_r8_it_is_done_where_a_worker_is_told_to_stop(site: Site) -> None:
    @site.view()
    def act() -> None:
        regardless(count)
        raise SystemExit

    with pytest.raises(SystemExit):
        site.post()
    assert site.people == COUNTED


def test_r8_each_is_a_unit_of_its_own(site: Site, caplog: Any) -> None:
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
    assert site.people == COUNTED
    assert notes == ["after its commit"]
    [record] = exceptions(caplog)
    assert "fail" in record.message


def test_r8_it_waits_for_the_request_to_end(site: Site) -> None:
    @site.view()
    def act() -> dict[str, list[str]]:
        regardless(count)
        return {"people": site.people}

    assert site.post().json == {"people": []}
    assert site.people == COUNTED


def test_r8_one_may_ask_for_another(site: Site) -> None:
    @site.view()
    def act() -> dict[str, str]:
        regardless(regardless, count)
        return {}

    site.post()
    assert site.people == COUNTED


def test_r8_outside_a_unit_it_is_done_at_once(site: Site) -> None:
    with site.app.app_context():
        regardless(count)
        assert site.people == COUNTED


def test_r8_a_command_that_fails_does_it_too(site: Site) -> None:
    with site.app.app_context(), suppress(ValueError), unit_of_work():
        regardless(count)
        add("bob@example.com")
        raise ValueError
    assert site.people == COUNTED


def test_r8_the_requests_connection_is_back_before_it_begins(site: Site) -> None:
    site.settings["DATABASE_POOL_SIZE"] = 1

    @site.view()
    def act() -> dict[str, str]:
        has_users()
        regardless(count)
        return {}

    site.post()
    assert site.people == COUNTED
