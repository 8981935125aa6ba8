"""The site in debug mode, and an email in its outbox."""

from collections.abc import Callable

import pytest

from app.application import Application
from app.mail.outbox import send_mail_later
from app.unit_of_work import unit_of_work


@pytest.fixture
def site(make_app: Callable[..., Application]) -> Application:
    return make_app(DEBUG=True)


@pytest.fixture
def written(site: Application) -> None:
    with site.app_context(), unit_of_work():
        send_mail_later("alice@example.com", "mail/test")
