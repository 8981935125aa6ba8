"""`@per_request` and `@per_process`: opened on first use, closed on every path, never shared."""

import os
from collections.abc import Iterator
from threading import Barrier, Thread
from typing import Any

import click
import pytest
from flask import Response, copy_current_request_context, stream_with_context

from app.application import Application
from app.unit_of_work import commit_later, unit_of_work
from app.web.resources import per_process, per_request
from tests.view_site import Site

# The events of the resources of a test, in order.
events: list[str] = []


@per_request
def search() -> Iterator[object]:
    events.append("search opened")
    yield object()
    events.append("search closed")


@per_request
def printer() -> Iterator[object]:
    events.append("printer opened")
    yield object()
    events.append("printer closed")


@per_request
def fails_to_close() -> Iterator[object]:
    yield object()
    raise OSError("the connection was reset")


@per_request
def searches_when_it_closes() -> Iterator[object]:
    yield object()
    search()


@pytest.fixture(autouse=True)
def no_events() -> None:
    events.clear()


def test_a_request_opens_a_resource_once_and_closes_it(site: Site) -> None:
    @site.view("GET")
    def act() -> dict[str, bool]:
        return {"same": search() is search()}

    assert site.get().json == {"same": True}
    assert events == ["search opened", "search closed"]
    site.get()
    assert events == ["search opened", "search closed"] * 2


def test_a_request_that_does_not_use_it_opens_nothing(site: Site) -> None:
    site.view("GET")(lambda: "")
    site.get()
    assert events == []


def test_resources_are_closed_in_the_reverse_order(site: Site) -> None:
    @site.view("GET")
    def act() -> str:
        search(), printer()
        return ""

    site.get()
    assert events == ["search opened", "printer opened", "printer closed", "search closed"]


def test_a_resource_is_closed_when_the_view_raises(site: Site) -> None:
    @site.view("POST")
    def act() -> str:
        search()
        raise LookupError

    with pytest.raises(LookupError):
        site.post()
    assert events == ["search opened", "search closed"]


def test_an_error_while_closing_is_logged_and_the_others_are_closed(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    @site.view("POST")
    def act() -> str:
        search(), fails_to_close()
        commit_later()
        return ""

    assert site.post().status_code == 200
    assert events == ["search opened", "search closed"]
    assert "the resource fails_to_close could not be closed" in caplog.text


def test_a_resource_that_another_one_opens_while_closing_is_closed(site: Site) -> None:
    @site.view("GET")
    def act() -> str:
        searches_when_it_closes()
        return ""

    site.get()
    assert events == ["search opened", "search closed"]


def test_an_error_while_opening_leaves_nothing_behind(site: Site) -> None:
    attempts: list[int] = []

    @per_request
    def opens_at_the_second_attempt() -> Iterator[int]:
        attempts.append(len(attempts))
        if len(attempts) == 1:
            raise ConnectionError
        yield len(attempts)

    @site.view("GET")
    def act() -> dict[str, int]:
        with pytest.raises(ConnectionError):
            opens_at_the_second_attempt()
        return {"attempts": opens_at_the_second_attempt()}

    assert site.get().json == {"attempts": 2}


def test_a_streamed_body_keeps_its_resources_until_the_last_byte(site: Site) -> None:
    @site.view("GET")
    def act() -> Response:
        def body() -> Iterator[str]:
            search()
            yield "first "
            yield " ".join(events)

        return Response(stream_with_context(body()), mimetype="text/plain")

    assert site.get().text == "first search opened"
    assert events == ["search opened", "search closed"]


def test_a_streamed_body_that_the_client_leaves_closes_its_resources(site: Site) -> None:
    @site.view("GET")
    def act() -> Response:
        def body() -> Iterator[str]:
            search()
            yield "first"
            yield "second"

        return Response(stream_with_context(body()), mimetype="text/plain")

    response = site.client.get("/act", buffered=False)
    next(response.iter_encoded())
    response.close()
    assert events == ["search opened", "search closed"]


def test_a_unit_of_work_has_its_own_resources(app: Application) -> None:
    with app.app_context():
        outer = search()
        with unit_of_work():
            assert search() is not outer
        assert search() is outer
    assert events == ["search opened"] * 2 + ["search closed"] * 2


def test_a_command_closes_what_it_opened(site: Site) -> None:
    @site.app.cli.command("search-once")
    def search_once() -> None:
        search()
        raise click.ClickException("failed")

    assert site.app.test_cli_runner().invoke(args=["search-once"]).exit_code == 1
    assert events == ["search opened", "search closed"]


def test_a_thread_never_uses_the_resource_of_the_request(site: Site) -> None:
    seen: list[Any] = []

    @site.view("GET")
    def act() -> str:
        seen.append(search())
        thread = Thread(target=copy_current_request_context(lambda: seen.append(search())))
        thread.start()
        thread.join()
        return ""

    site.get()
    assert seen[0] is not seen[1]
    assert sorted(events) == ["search closed"] * 2 + ["search opened"] * 2


def test_a_resource_outside_of_an_application_context_raises() -> None:
    with pytest.raises(RuntimeError, match="application context"):
        search()


def test_threads_that_begin_together_get_one_object_of_the_process(app: Application) -> None:
    threads, barrier, seen = 8, Barrier(8), []

    @per_process
    def client() -> object:
        return object()

    def use() -> None:
        with app.app_context():
            barrier.wait()
            seen.append(client())

    running = [Thread(target=use) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert len(seen) == threads
    assert len({id(one) for one in seen}) == 1


def test_a_forked_process_creates_its_own_object(app: Application) -> None:
    @per_process
    def creator() -> int:
        return os.getpid()

    with app.app_context():
        assert creator() == os.getpid()
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.write(write, str(creator()).encode())
            os._exit(0)
        os.waitpid(child, 0)
        assert int(os.read(read, 20)) == child


def test_each_application_has_its_own_object(make_app: Any) -> None:
    @per_process
    def client() -> object:
        return object()

    with make_app().app_context():
        first = client()
    with make_app().app_context():
        assert client() is not first
