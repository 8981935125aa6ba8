"""R4: any exception that leaves a view rolls back, whichever handler responds."""

from collections.abc import Callable

import pytest
from flask import (
    Response,
    abort,
    after_this_request,
    make_response,
    redirect,
    request,
    session,
)

from app.unit_of_work import after_commit
from tests.commit_failures import lose_connection
from tests.framework.failing_view import assert_nothing_happened, change_everything
from tests.view_site import Notes, Site


class Refused(Exception):
    pass


def raise_(error: BaseException) -> None:
    raise error


FAILURES = {
    "an exception": lambda: raise_(Refused()),
    "abort(400)": lambda: abort(400),
    "abort(404)": lambda: abort(404),
    "abort(500)": lambda: abort(500),
    "an exception with a response": lambda: abort(redirect("/elsewhere")),
    "a response given to abort()": lambda: abort(make_response({"saved": True})),
    "a missing field": lambda: request.form["missing"],
}


@pytest.mark.parametrize("fail", FAILURES.values(), ids=FAILURES)
def test_r4_raising_rolls_back(fail: Callable[[], object], site: Site) -> None:
    site.use_production_errors()

    @site.view()
    def act() -> None:
        change_everything()
        fail()

    assert_nothing_happened(site.post(), site)


def test_r4_a_returned_5xx_never_commits(site: Site) -> None:
    notes = Notes()

    @site.view()
    def act() -> tuple[dict[str, str], int, dict[str, str]]:
        change_everything()
        after_commit(notes, "mailed")
        return {}, 502, {"Set-Cookie": "saved=yes"}

    response = site.post()
    assert response.status_code == 502
    assert notes == []
    assert_nothing_happened(response, site)


def test_r4_a_failing_after_request_function_rolls_back(site: Site) -> None:
    site.use_production_errors()

    @site.view()
    def act() -> dict[str, str]:
        change_everything()
        return {}

    @site.blueprint.after_request
    def fail(response: Response) -> Response:
        raise Refused

    response = site.post()
    assert response.status_code == 500
    assert_nothing_happened(response, site)


def test_r4_a_failure_undoes_changes_to_the_response(site: Site) -> None:
    @site.view()
    def act() -> None:
        @after_this_request
        def add_header_late(response: Response) -> Response:
            response.set_cookie("saved", "yes")
            response.headers["HX-Trigger"] = "saved"
            return response

        abort(409)

    response = site.post()
    assert not {"Set-Cookie", "HX-Trigger"} & {*response.headers.keys()}


@pytest.mark.parametrize("leave", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_r4_system_exit_rolls_back(leave: type[BaseException], site: Site) -> None:
    @site.view()
    def act() -> None:
        change_everything()
        raise leave

    with pytest.raises(leave):
        site.post()
    assert site.emails == []
    assert site.connections == 0


def test_r4_an_abort_over_a_lost_connection_is_still_that_abort(site: Site) -> None:
    @site.view()
    def act() -> None:
        session["user"] = "somebody"
        change_everything()
        lose_connection(site.database_url)
        abort(422)

    response = site.post()
    assert response.status_code == 422
    assert_nothing_happened(response, site)


def test_r4_a_session_that_cannot_be_saved_fails_before_the_commit(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.use_production_errors()

    @site.view()
    def act() -> dict[str, str]:
        change_everything()
        session["basket"] = {"books": {Refused()}}
        return {}

    response = site.post()
    assert response.status_code == 500
    assert_nothing_happened(response, site)
    assert "session['basket'] is a dict, and nothing was saved" in caplog.text
