"""R4: an error handler can respond to an exception, but not save anything of the view."""

import pytest
from flask import (
    Response,
    abort,
    flash,
    redirect,
)
from werkzeug.exceptions import BadRequest, HTTPException, InternalServerError

from app.unit_of_work import ReadOnlyRequest, after_commit, commit_later
from app.users.accounts import has_users
from tests.framework.failing_view import assert_nothing_happened, change_everything
from tests.view_site import Notes, Site, run


class Refused(Exception):
    pass


@pytest.mark.parametrize("kind", [Refused, HTTPException, BadRequest, 400, Exception])
def test_r4_an_error_handler_of_a_blueprint_does_not_prevent_the_rollback(
    kind: type | int, site: Site
) -> None:
    fail = BadRequest if kind in (HTTPException, BadRequest, 400) else Refused

    @site.view()
    def act() -> None:
        change_everything()
        raise fail

    @site.blueprint.errorhandler(kind)
    def handle_error(error: Exception) -> dict[str, str]:
        return {"handled": type(error).__name__}

    response = site.post()
    assert (response.status_code, response.json) == (200, {"handled": fail.__name__})
    assert_nothing_happened(response, site)


def test_r4_an_error_handler_can_flash_and_redirect(site: Site) -> None:
    @site.view()
    def act() -> None:
        change_everything()
        raise Refused

    @site.blueprint.errorhandler(Refused)
    def handle_error(error: Refused) -> Response:
        flash("That did not work.")
        return redirect("/")

    assert site.post().status_code == 302
    assert site.emails == []
    page = site.get("/").text
    assert "That did not work." in page
    assert "Saved!" not in page


def test_r4_after_commit_calls_of_an_error_handler_never_run(site: Site) -> None:
    notes = Notes()

    @site.view()
    def act() -> None:
        change_everything()
        raise Refused

    @site.blueprint.errorhandler(Refused)
    def handle_error(error: Refused) -> dict[str, str]:
        after_commit(notes, "mailed")
        commit_later()
        return {}

    assert site.post().status_code == 200
    assert notes == []


def test_r4_a_handler_cannot_write(site: Site) -> None:
    @site.view()
    def act() -> None:
        raise Refused

    @site.blueprint.errorhandler(Refused)
    def handle_error(error: Refused) -> None:
        change_everything()

    with pytest.raises(ReadOnlyRequest):
        site.post()
    assert site.emails == []


def test_r4_an_error_handler_that_returns_200_does_not_commit(site: Site) -> None:
    site.use_production_errors()
    failed = Notes()

    @site.view()
    def act() -> dict[str, str]:
        change_everything()
        return {}

    @site.blueprint.after_request
    def fail(response: Response) -> Response:
        if not failed:
            failed("once")
            raise Refused
        return response

    site.blueprint.errorhandler(InternalServerError)(lambda error: {})
    response = site.post()
    assert response.status_code == 200
    assert_nothing_happened(response, site)


def test_r4_an_error_page_can_read(site: Site, alice) -> None:
    @site.view()
    def act() -> None:
        change_everything()
        abort(400)

    site.blueprint.errorhandler(400)(lambda error: {"people": has_users()})
    assert site.post().json == {"people": True}
    assert run(site.database_url, "SELECT count(*) FROM users") == [(1,)]
