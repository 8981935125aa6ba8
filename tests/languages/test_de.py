"""The site in German."""

from collections.abc import Callable

from app.application import Application
from app.languages.negotiation import negotiate
from app.mail.models import Message
from app.preferences.locales import LOCALES
from tests.client import Client
from tests.conftest import visitor


def test_german_is_on_the_menu() -> None:
    assert LOCALES["de"] == "Deutsch"


def test_a_browser_of_austria_gets_german() -> None:
    assert str(negotiate("de-AT,en;q=0.5")) == "de"


def test_dates_and_numbers_have_the_german_format(browser: Client) -> None:
    browser.submit("/preferences", locale="de", time_zone="Asia/Tokyo")
    [when, day, number] = browser.get("/moment").json
    assert (when, number) == ("22.11.26, 07:30", "1.234,5")
    assert "22. November 2026" in day


def test_alice_reads_in_german_which_device_was_used(
    app: Application, as_alice: Client, outbox: Callable[[], list[Message]]
) -> None:
    as_alice.submit("/preferences", locale="de")
    for device in (visitor(app), visitor(app)):
        device.sign_in("alice@example.com")
    assert "Unbekanntes Gerät" in outbox()[-1].text
