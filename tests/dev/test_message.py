"""One email, as text and HTML."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.application import Application
from app.mail.models import Message
from tests.conftest import visitor

Outbox = Callable[[], list[Message]]


@pytest.mark.usefixtures("written")
def test_an_email_is_shown_as_text_and_html(site: Application, outbox: Outbox) -> None:
    address = f"/dev/mail/{outbox()[0].id}"
    page = visitor(site).page(address)
    assert "This is a test email" in page.one("pre").text
    assert page.one("iframe").get("src") == f"{address}/html"
    assert page.one("iframe").get("sandbox").startswith("allow-popups")


@pytest.mark.usefixtures("written")
def test_scripts_in_an_email_do_not_run(site: Application, outbox: Outbox) -> None:
    site.test_client_class = (
        FlaskClient  # The other client rejects inline styles, which emails need.
    )
    response = site.test_client().get(f"/dev/mail/{outbox()[0].id}/html")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script" not in policy
    assert "<h1" in response.text


def test_an_unknown_email_is_not_found(site: Application) -> None:
    visitor(site).page("/dev/mail/999999", status=404)
