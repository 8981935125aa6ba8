"""R12: nothing of a request reaches the next one, and no request waits forever."""

import time
from contextlib import ExitStack, closing
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from flask import Response, abort, g, session
from psycopg.pq import TransactionStatus
from sqlalchemy import event, select, text

from app.database import READING, db
from app.unit_of_work import UncommittedChanges, commit_later
from app.users.accounts import find_user, has_users
from app.users.models import User
from tests.conftest import signed_in
from tests.databases import on_postgresql
from tests.view_site import Notes, Site, add, run


def test_r12_a_request_without_queries_takes_no_connection(site: Site, trace_sql: Any) -> None:
    lent = Notes()
    site.view("GET", "POST")(lambda: {})
    with site.app.app_context():
        for engine in db.engines.values():
            event.listen(engine, "checkout", lambda *connection: lent("one"))
    watched = trace_sql(site.app)
    site.get()
    site.post()
    site.get("/")
    site.get("/nowhere")
    assert lent == []
    assert watched.statements == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_r12_the_connection_is_returned_before_the_body_is_sent(method: str, site: Site) -> None:
    notes = Notes()

    @site.view(method)
    def act() -> Response:
        has_users()

        def body() -> Any:
            notes(f"{site.connections} lent out")
            yield b"{}"

        return Response(body(), mimetype="application/json")

    site.client.open("/act", method=method)
    assert notes == ["0 lent out"]


def test_r12_the_connection_of_an_error_page_is_returned(site: Site) -> None:
    notes = Notes()

    @site.view()
    def act() -> None:
        abort(400)

    @site.blueprint.errorhandler(400)
    def handle_error(error: Any) -> Response:
        has_users()
        return Response((notes(f"{site.connections}") or "" for _ in "."), 400, mimetype="a/b")

    site.post()
    assert notes == ["0"]


def test_r12_the_flag_does_not_reach_the_next_request(site: Site) -> None:
    @site.view(path="/commits")
    def commits() -> dict[str, str]:
        commit_later()
        return {}

    @site.view(path="/forgets")
    def forgets() -> dict[str, str]:
        add("bob@example.com")
        return {}

    with site.app.app_context():
        site.post("/commits")
        with pytest.raises(UncommittedChanges):
            site.post("/forgets")
    assert site.emails == []


def test_r12_a_pushed_context_is_not_shared_with_a_request(site: Site, alice: User) -> None:
    @site.view("GET")
    def act() -> dict[str, bool]:
        return {"shared": "csp_nonce" in g}

    with site.app.app_context():
        g.csp_nonce = "the shell's"
        user = find_user("alice@example.com")
        assert site.get().json == {"shared": False}
        assert db.session.scalar(select(User)) is user
        assert "unit" not in g


def test_r12_a_request_does_not_sign_in_the_next_one(site: Site, alice: User) -> None:
    with site.app.app_context():
        assert signed_in(site.app, alice).get("/account").status_code == 200
        assert site.get("/account").status_code == 303


def test_r12_a_client_that_keeps_its_context_shares_no_g(site: Site, alice: User) -> None:
    @site.view("GET", "POST")
    def act() -> dict[str, bool]:
        seen = "csp_nonce" in g
        g.csp_nonce = "mine"
        session["cart"] = "full"
        return {"seen": seen}

    with site.client as client:
        client.post("/act")
        assert session["cart"] == "full"
        assert g.csp_nonce == "mine"
        assert client.get("/act").json == {"seen": False}
    assert site.connections == 0


def test_r12_a_database_session_that_was_not_removed_is_not_reused(site: Site) -> None:
    """Another teardown function has failed, so that of the database never ran."""
    sessions: set[int] = set()
    broken = Notes(["still"])

    @site.view("GET")
    def act() -> dict[str, bool]:
        known = id(db.session()) in sessions
        sessions.add(id(db.session()))
        return {"known": known}

    @site.app.teardown_appcontext
    def fail(error: BaseException | None) -> None:
        if broken:
            raise RuntimeError("teardown")

    for _ in range(20):
        with pytest.raises(RuntimeError, match="teardown"):
            site.get()
    broken.clear()
    assert len(sessions) == 20


def test_r12_threads_share_nothing(site: Site) -> None:
    @site.view(path="/act/<int:number>")
    def act(number: int) -> dict[str, str]:
        add(f"{number}@example.com")
        if number % 2:
            abort(400)
        commit_later()
        return {}

    app = site.app
    threads = [Thread(target=app.test_client().post, args=[f"/act/{n}"]) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert site.emails == [f"{number}@example.com" for number in range(0, 8, 2)]
    assert site.connections == 0


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_r12_an_exhausted_pool_is_a_503_in_time(method: str, site: Site, caplog: Any) -> None:
    site.use_production_errors()
    site.settings |= {"DATABASE_TIMEOUT": timedelta(milliseconds=200), "DATABASE_POOL_SIZE": 2}
    site.view("GET", "POST")(lambda: {"people": has_users()})
    began = time.monotonic()
    with site.app.app_context(), ExitStack() as held:
        for engine in [*db.engines.values()] * 2:
            held.enter_context(engine.pool.connect())  # type: ignore[arg-type]  # a connection closes like a context
        response = site.client.open("/act", method=method)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert time.monotonic() - began < 10
    assert "Traceback" not in response.text + caplog.text
    assert site.client.open("/act", method=method).status_code == 200


@on_postgresql
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_r12_connections_closed_by_the_server_are_replaced(method: str, site: Site) -> None:
    """After a restart of the database no request fails, and none sends a ping."""
    site.view("GET", "POST")(lambda: {"people": has_users()})
    site.client.open("/act", method=method)
    end_all_backends(site)
    assert site.client.open("/act", method=method).status_code == 200


def end_all_backends(site: Site) -> None:
    with site.app.app_context():
        for engine in db.engines.values():
            with engine.connect() as connection:
                driver: Any = connection.connection.dbapi_connection
                pid = driver.info.backend_pid
            run(site.database_url, "SELECT pg_terminate_backend(:pid, 5000)", pid=pid)


def test_a_transaction_begun_by_hand_while_reading_ends_with_the_request(site: Site) -> None:
    @site.view("GET")
    def act() -> dict[str, str]:
        db.session.execute(text("BEGIN"))
        db.session.execute(select(User.id))
        return {}

    assert site.get().status_code == 200
    with site.app.app_context(), closing(db.engines[READING].raw_connection()) as connection:
        driver: Any = connection.driver_connection
        if hasattr(driver, "in_transaction"):
            assert not driver.in_transaction
        else:
            assert driver.info.transaction_status is TransactionStatus.IDLE
