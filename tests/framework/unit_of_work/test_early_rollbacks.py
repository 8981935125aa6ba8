"""R4: a request that is rejected before its view runs is rolled back as well."""

from flask import (
    abort,
    request,
)

from tests.framework.failing_view import assert_nothing_happened, change_everything
from tests.view_site import Site


def test_r4_an_exception_in_a_before_request_function_rolls_back(site: Site) -> None:
    @site.blueprint.before_request
    def check() -> None:
        change_everything()
        abort(403)

    site.view()(lambda: {})
    response = site.post()
    assert response.status_code == 403
    assert_nothing_happened(response, site)


def test_r4_a_csrf_rejection_rolls_back(site: Site) -> None:
    site.app.before_request_funcs[None].insert(0, change_everything)
    response = site.client.post("/login")
    assert response.status_code == 400
    assert_nothing_happened(response, site)


def test_r4_an_unknown_page_rolls_back(site: Site) -> None:
    site.app.before_request(change_everything)
    response = site.client.post("/nowhere")
    assert response.status_code == 404
    assert_nothing_happened(response, site)


def test_r4_a_too_large_body_rolls_back(site: Site) -> None:
    site.settings["MAX_CONTENT_LENGTH"] = 1024

    @site.view()
    def act() -> None:
        change_everything()
        request.form.get("essay")

    response = site.post(data={"essay": "x" * 2000})
    assert response.status_code == 413
    assert_nothing_happened(response, site)
