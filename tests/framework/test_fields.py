"""Times in the user's zone, web addresses, decimal numbers and lists of rows in forms."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import Column, MetaData, Table, insert, select
from wtforms import IntegerField, URLField
from wtforms.validators import NumberRange, Optional

from app.application import Application
from app.database import ExactDecimal, db
from app.users.models import User
from app.web.fields import LocalTimeField, is_web_address
from app.web.forms import Form
from app.web.options import Option, optional_id, row_options
from tests.view_site import Site

STORED = datetime(2027, 7, 1, 22, 30, tzinfo=UTC)
PRICES = Table("prices", MetaData(), Column("price", ExactDecimal(12, 2)))
WITHOUT_TOKEN = {"csrf": False}


class MeetingForm(Form):
    starts_at = LocalTimeField("Starts at", [Optional()])


class LinkForm(Form):
    link = URLField("Link", [is_web_address])


class CountForm(Form):
    count = IntegerField("Count", [NumberRange(max=10)])


@pytest.fixture
def meeting(site: Site) -> Site:
    """A form with a stored time, for a user in Tokyo: /act shows it and reads what is entered."""

    @site.view("GET", "POST")
    def act() -> dict[str, object]:
        form = MeetingForm(data={"starts_at": STORED}, meta=WITHOUT_TOKEN)
        is_valid = form.validate_on_submit()
        entered = form.starts_at.data
        return {
            "html": form.starts_at(),
            "hint": str(form.starts_at.description),
            "utc": entered and entered.isoformat(),
            "errors": [] if is_valid else list(form.starts_at.errors),
        }

    site.client.submit("/preferences", time_zone="Asia/Tokyo")
    return site


def test_a_time_is_shown_in_the_zone_of_the_user(meeting: Site) -> None:
    shown = meeting.client.get("/act").json
    assert 'value="2027-07-02T07:30"' in shown["html"]
    assert "Asia/Tokyo" in shown["hint"]


def test_a_time_is_read_in_the_zone_of_the_user(meeting: Site) -> None:
    read = meeting.post(data={"starts_at": "2027-07-02T09:00"}).json
    assert (read["utc"], read["errors"]) == ("2027-07-02T00:00:00+00:00", [])


def test_a_time_that_is_not_sent_stays(meeting: Site) -> None:
    assert meeting.post(data={"other": "1"}).json["utc"] == STORED.isoformat()


def test_an_empty_time_is_none(meeting: Site) -> None:
    assert meeting.post(data={"starts_at": ""}).json["utc"] is None


@pytest.mark.parametrize("entered", ["tomorrow", "0001-01-01T00:00", "2027-02-30T00:00"])
def test_an_invalid_time_is_shown_again_with_an_error(meeting: Site, entered: str) -> None:
    read = meeting.post(data={"starts_at": entered}).json
    assert len(read["errors"]) == 1
    assert f'value="{entered}"' in read["html"]


@pytest.mark.parametrize(
    ("address", "is_valid"),
    [
        ("https://example.com/a?b=c#d", True),
        ("http://localhost:5000", True),
        ("https://bücher.example/ä", True),
        ("javascript://example.com/%0aalert(1)", False),
        ("data:text/html,x", False),
        ("//example.com", False),
        ("example.com", False),
        ("https://", False),
        ("https://[", False),
        ("https://a b.example", False),
        ("", False),
    ],
)
def test_a_web_address_is_http_or_https(app: Application, address: str, is_valid: bool) -> None:
    with app.test_request_context("/", method="POST", data={"link": address}):
        assert LinkForm(meta=WITHOUT_TOKEN).validate() is is_valid


@pytest.mark.parametrize("digits", [1, 39, 41, 400, 2001])
def test_a_number_is_compared_however_long_it_is(app: Application, digits: int) -> None:
    with app.test_request_context("/", method="POST", data={"count": "9" * digits}):
        assert CountForm(meta=WITHOUT_TOKEN).validate() is (digits == 1)


@pytest.mark.parametrize("price", ["0.10", "-0.30", "9999999999.99", "1234567890.07"])
def test_a_decimal_number_returns_as_it_was_stored(app: Application, price: str) -> None:
    with app.app_context(), db.engine.begin() as connection:
        PRICES.create(connection)
        connection.execute(insert(PRICES), {"price": Decimal(price)})
        connection.execute(insert(PRICES), {"price": None})
        found = connection.scalars(select(PRICES.c.price).order_by(PRICES.c.price.is_(None))).all()
        PRICES.drop(connection)
    assert [str(found[0]), found[1]] == [price, None]


def test_a_decimal_number_is_rounded_in_the_same_way_everywhere(app: Application) -> None:
    with app.app_context(), db.engine.begin() as connection:
        PRICES.create(connection)
        connection.execute(insert(PRICES), {"price": Decimal("0.125")})
        found = connection.scalar(select(PRICES.c.price))
        PRICES.drop(connection)
    assert found == Decimal("0.12")


def test_more_digits_than_a_database_keeps_are_rejected() -> None:
    with pytest.raises(ValueError, match="at most 15 digits"):
        ExactDecimal(16, 2)


def test_the_rows_of_a_select_are_options_sorted_by_their_text(
    app: Application, alice: User, bob: User
) -> None:
    with app.app_context():
        everyone = row_options(select(User), User.email, is_optional=True)
        only_bob = row_options(select(User).where(User.id == bob.id), User.email)
    options = [Option(str(alice.id), alice.email), Option(str(bob.id), bob.email)]
    assert everyone == [Option("", ""), *options]
    assert only_bob == options[1:]


def test_the_empty_option_leads_to_no_row() -> None:
    assert (optional_id(""), optional_id("7"), optional_id(7)) == (None, 7, 7)
