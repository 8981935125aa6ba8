"""A TokenCookie is set only if the request succeeds."""

from flask import abort

from app.auth.known_devices import cookie
from app.unit_of_work import commit_later
from tests.view_site import Site


def test_a_token_cookie_is_set_if_the_request_succeeds(site: Site) -> None:
    @site.view("POST")
    def act() -> str:
        commit_later()
        cookie.send("token")
        return ""

    site.post()
    sent = site.client.get_cookie("known_device")
    assert sent is not None
    assert (sent.value, sent.http_only, sent.same_site) == ("token", True, "Lax")


def test_a_token_cookie_is_not_set_if_the_request_fails(site: Site) -> None:
    @site.view("POST")
    def act() -> str:
        cookie.send("token")
        abort(400)

    assert site.post().status_code == 400
    assert site.client.get_cookie("known_device") is None
