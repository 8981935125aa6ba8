"""One mail, in both its forms."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.application import Application
from app.mail.models import Message
from tests.conftest import visitor

Outbox = Callable[[], list[Message]]


@pytest.mark.usefixtures("written")
def test_a_mail_is_shown_in_both_forms(site: Application, outbox: Outbox) -> None:
    address = f"/dev/mail/{outbox()[0].id}"
    page = visitor(site).page(address)
    assert "asked for this mail" in page.one("pre").text
    assert page.one("iframe").get("src") == f"{address}/letter"
    assert page.one("iframe").get("sandbox").startswith("allow-popups")


@pytest.mark.usefixtures("written")
def test_nothing_in_a_mail_may_run(site: Application, outbox: Outbox) -> None:
    site.test_client_class = FlaskClient  # A mail has styles in it, which no page of ours may.
    response = site.test_client().get(f"/dev/mail/{outbox()[0].id}/letter")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script" not in policy
    assert "<h1" in response.text


def test_a_mail_that_is_not_there_is_not_found(site: Application) -> None:
    visitor(site).page("/dev/mail/999999", status=404)
