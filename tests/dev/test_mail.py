"""Development reads its mails at /dev/mail, and production has no such page."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.application import Application
from app.mail.models import Message
from app.mail.outbox import send_mail_later
from app.unit_of_work import unit_of_work
from tests.client import Client
from tests.conftest import visitor


@pytest.fixture
def site(make_app: Callable[..., Application]) -> Application:
    return make_app(DEBUG=True)


def write(site: Application) -> None:
    with site.app_context(), unit_of_work():
        send_mail_later("alice@example.com", "mail/test")


def test_every_mail_is_listed(site: Application) -> None:
    assert "No mails yet" in visitor(site).page("/dev/mail").text
    write(site)
    assert "Mail from Lockstep worksalice@example.com" in visitor(site).page("/dev/mail").text


def test_a_mail_is_shown_in_both_forms(
    site: Application, outbox: Callable[[], list[Message]]
) -> None:
    write(site)
    address = f"/dev/mail/{outbox()[0].id}"
    page = visitor(site).page(address)
    assert "asked for this mail" in page.one("pre").text
    assert page.one("iframe").get("src") == f"{address}/letter"
    assert page.one("iframe").get("sandbox").startswith("allow-popups")


def test_nothing_in_a_mail_may_run(site: Application, outbox: Callable[[], list[Message]]) -> None:
    write(site)
    site.test_client_class = FlaskClient  # A mail has styles in it, which no page of ours may.
    response = site.test_client().get(f"/dev/mail/{outbox()[0].id}/letter")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script" not in policy
    assert "<h1" in response.text


def test_a_mail_that_is_not_there_is_not_found(site: Application) -> None:
    visitor(site).page("/dev/mail/999999", status=404)


def test_production_has_no_such_page(client: Client) -> None:
    client.page("/dev/mail", status=404)
