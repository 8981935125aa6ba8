"""The site in Spanish."""

from app.languages.negotiation import negotiate
from app.preferences.locales import LOCALES
from tests.client import Client


def test_spanish_is_on_the_menu() -> None:
    assert LOCALES["es"] == "Español"


def test_a_browser_of_latin_america_gets_spanish() -> None:
    assert str(negotiate("es-419;q=0.9,en;q=0.8")) == "es"


def test_dates_and_numbers_have_the_spanish_format(browser: Client) -> None:
    browser.submit("/preferences", locale="es", time_zone="Asia/Tokyo")
    [when, day, number] = browser.get("/moment").json
    assert (when, number) == ("22/11/26, 7:30", "1.234,5")
    assert "22 de noviembre de 2026" in day
