"""/account/mail, on which users choose topics."""

import json  # part: export

from app.application import Application
from app.database import db
from app.export.archive import export_of  # part: export
from app.mail_topics.models import MailChoice
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.client import Client
from tests.mail_topics.conftest import send_due, write_week


def chosen(client: Client) -> list[str]:
    boxes = client.page("/account/mail").all("input")
    return [
        box.get("value")
        for box in boxes
        if box.get("name") == "topics" and "checked" in box.attributes
    ]


def choices(site: Application) -> list[tuple[str, bool]]:
    with site.app_context():
        return [(row.topic, row.is_wanted) for row in db.session.query(MailChoice)]


def test_the_topics_of_the_product_are_listed_with_their_defaults(as_reader: Client) -> None:
    page = as_reader.page("/account/mail")
    assert "On Mondays: what happened in your notes." in page.text
    assert "How other teams use their notes." in page.text
    assert chosen(as_reader) == ["weekly"]


def test_the_account_page_links_to_it(as_reader: Client) -> None:
    assert 'href="/account/mail"' in as_reader.page("/account").html


def test_alice_chooses_topics(as_reader: Client) -> None:
    response = as_reader.submit("/account/mail", topics=["tips"])
    assert (response.status_code, response.location) == (303, "/account/mail")
    assert "Your changes have been saved." in as_reader.page("/account/mail").text
    assert chosen(as_reader) == ["tips"]


def test_alice_turns_everything_off_and_on_again(as_reader: Client) -> None:
    as_reader.submit("/account/mail", topics=[])
    assert chosen(as_reader) == []
    as_reader.submit("/account/mail", topics=["weekly", "tips"])
    assert chosen(as_reader) == ["weekly", "tips"]


def test_only_what_was_changed_is_stored(site: Application, as_reader: Client) -> None:
    """The default of a topic that the user has not touched may change later."""
    as_reader.submit("/account/mail", topics=["weekly"])
    assert choices(site) == []
    as_reader.submit("/account/mail", topics=[])
    assert choices(site) == [("weekly", False)]


def test_an_unknown_topic_is_refused_and_nothing_is_saved(
    site: Application, as_reader: Client
) -> None:
    response = as_reader.submit("/account/mail", topics=["tips", "security"])
    assert response.status_code == 422
    assert choices(site) == []


def test_a_site_without_topics_has_neither_the_page_nor_the_link(as_alice: Client) -> None:
    as_alice.page("/account/mail", status=404)
    assert "/account/mail" not in as_alice.page("/account").html


def test_a_visitor_is_asked_to_sign_in_first(client: Client) -> None:
    assert client.get("/account/mail").location == "/login?next=/account/mail"


def test_the_choice_survives_a_change_of_address(
    site: Application, alice: User, as_reader: Client
) -> None:
    as_reader.submit("/account/mail", topics=[])
    with site.app_context(), unit_of_work():
        db.session.get_one(User, alice.id).email = "alice@example.org"
    write_week(site, alice)
    assert send_due(site) == []


# part: export
def test_the_choice_is_in_the_export(site: Application, alice: User, as_reader: Client) -> None:
    as_reader.submit("/account/mail", topics=[])
    with site.app_context():
        exported = json.dumps(export_of(db.session.get_one(User, alice.id)), default=str)
    assert '"topic": "weekly", "is_wanted": false' in exported


# end part: export
def test_the_choice_ends_with_the_account(
    site: Application, alice: User, as_reader: Client
) -> None:
    as_reader.submit("/account/mail", topics=[])
    with site.app_context(), unit_of_work():
        db.session.delete(db.session.get_one(User, alice.id))
    assert choices(site) == []
