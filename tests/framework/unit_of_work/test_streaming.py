"""R10: the body of a streamed response runs after the commit, and only reads."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Response, stream_with_context
from sqlalchemy import insert, select

from app.database import db
from app.unit_of_work import (
    CommitOutsideUnit,
    ReadOnlyRequest,
    UncommittedChanges,
    commit_later,
    unit_of_work,
)
from app.users.models import User
from tests.view_site import Notes, Site, add


def streamed(body: Iterator[str]) -> Response:
    return Response(stream_with_context(body), mimetype="text/plain")


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_r10_reading_works_and_returns_the_connection(method: str, site: Site, alice: Any) -> None:
    @site.view(method)
    def act() -> Response:
        return streamed(iter(db.session.scalars(select(User.email))))

    response = site.client.open("/act", method=method)
    assert response.text == "alice@example.com"
    assert site.connections == 0


def test_r10_the_body_sees_committed_data(site: Site) -> None:
    notes = Notes()

    @site.view()
    def act() -> Response:
        add("bob@example.com")
        commit_later()

        def body() -> Iterator[str]:
            notes(f"{site.connections} lent out")
            yield from db.session.scalars(select(User.email))

        return streamed(body())

    assert site.post().text == "bob@example.com"
    assert notes == ["0 lent out"]


WRITES = {
    "a flush": lambda: (add("bob@example.com"), db.session.flush()),
    "a bulk INSERT": lambda: db.session.execute(insert(User).values(email="bob@example.com")),
    "commit_later()": lambda: commit_later(),
    "a commit": lambda: db.session.commit(),
    "a change": lambda: add("bob@example.com"),
}


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_r10_writing_raises(write: Any, method: str, site: Site) -> None:
    @site.view(method)
    def act() -> Response:
        def body() -> Iterator[str]:
            yield "first"
            write()

        if method == "POST":
            commit_later()
        return streamed(body())

    with pytest.raises((ReadOnlyRequest, CommitOutsideUnit, UncommittedChanges)):
        site.client.open("/act", method=method, buffered=True).close()
    assert site.emails == []
    assert site.connections == 0


def test_r10_the_body_can_write_in_its_own_unit(site: Site) -> None:
    @site.view()
    def act() -> Response:
        def body() -> Iterator[str]:
            yield "first"
            with unit_of_work():
                add("bob@example.com")

        return streamed(body())

    assert site.post().text == "first"
    assert site.emails == ["bob@example.com"]


def test_r10_a_client_that_disconnects_leaves_no_connection(site: Site, alice: Any) -> None:
    @site.view("GET")
    def act() -> Response:
        def body() -> Iterator[str]:
            yield from db.session.scalars(select(User.email))
            yield "the rest, which no client reads"

        return streamed(body())

    response = site.get(buffered=False)
    assert next(response.iter_encoded()) == b"alice@example.com"
    assert site.connections == 1
    response.close()
    assert site.connections == 0


def test_r10_a_body_never_uses_the_context_of_another_request(site: Site) -> None:
    @site.view("GET")
    def act() -> Response:
        def body() -> Iterator[str]:
            yield str(db.session.scalar(select(1)))

        return Response(body(), mimetype="text/plain")

    with site.app.app_context(), pytest.raises(RuntimeError, match="application context"):
        site.get(buffered=True)
