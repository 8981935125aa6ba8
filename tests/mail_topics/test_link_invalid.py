"""A link to unsubscribe that is incomplete or was changed."""

import pytest

from app.application import Application
from app.users.models import User
from tests.conftest import visitor
from tests.mail_topics.conftest import click_once, gets_mail


@pytest.mark.parametrize("change", ["x{}", "{}x", "{:.20}", "%00{}", "ä", "A" * 5000])
def test_a_changed_link_changes_nothing(
    site: Application, alice: User, link: str, change: str
) -> None:
    path, _, token = link.rpartition("/")
    changed = f"{path}/{change.format(token)}"
    client = visitor(site)
    assert client.get(changed).status_code == 400
    assert click_once(client, changed) == 400
    assert gets_mail(site, alice)
