"""The language of a page, and the menu to choose it."""

from collections.abc import Callable

import pytest

from app.application import Application
from app.languages.negotiation import negotiate
from app.mail.models import Message
from app.preferences.locales import LOCALES
from app.users.models import User
from tests.client import Client
from tests.conftest import Clock, signed_in, visitor
from tests.languages.catalogs import TRANSLATION, in_every_language, translated

UNKNOWN = "tlh"


def language(client: Client, accepted: str | None = None, path: str = "/") -> str:
    headers = {"Accept-Language": accepted} if accepted else {}
    text = client.get(path, headers=headers).text
    return text.partition('<html lang="')[2].partition('"')[0]


@in_every_language
@pytest.mark.parametrize(
    "accepted",
    ["{}", "{}-AT,en;q=0.5", "{}-419;q=0.9,en;q=0.8", UNKNOWN + ",{};q=0.1"],
)
def test_without_a_choice_the_page_follows_accept_language(
    client: Client, accepted: str, locale: str
) -> None:
    assert language(client, accepted.format(locale)) == locale


@pytest.mark.parametrize("accepted", [None, UNKNOWN, "*", "", "x" * 500 + ";q=what,,;"])
def test_without_a_language_of_the_site_the_page_is_in_english(
    client: Client, accepted: str | None
) -> None:
    assert language(client, accepted) == "en"


def test_no_list_of_languages_is_kept_that_no_browser_sends(client: Client) -> None:
    before = negotiate.cache_info().currsize
    for number in range(20):
        client.get("/login", headers={"Accept-Language": f"x-{number}," * 200})
    assert negotiate.cache_info().currsize <= before + 1


def test_a_page_that_depends_on_accept_language_has_a_vary_header(client: Client) -> None:
    assert "Accept-Language" in client.get("/").vary
    client.submit("/preferences", locale=TRANSLATION)
    assert "Accept-Language" not in client.get("/").vary


@pytest.mark.parametrize("locale", LOCALES)
def test_a_chosen_language_overrides_accept_language(client: Client, locale: str) -> None:
    client.submit("/preferences", locale=locale)
    assert language(client, ",".join([UNKNOWN, *LOCALES])) == locale


def test_a_visitor_can_choose_to_follow_the_browser_again(client: Client) -> None:
    client.submit("/preferences", locale=TRANSLATION)
    client.submit("/preferences", locale="auto")
    assert language(client, "en") == "en"


def test_the_choice_of_a_visitor_lasts_a_year_and_is_kept_after_sign_out(
    client: Client, alice: User, clock: Clock
) -> None:
    client.submit("/preferences", locale=TRANSLATION)
    clock.forward(days=364)
    client.sign_in(alice.email)
    assert language(client) == TRANSLATION
    client.sign_out()
    assert language(client) == TRANSLATION


def test_the_choice_of_a_user_reaches_another_device_within_a_minute(
    app: Application, alice: User, clock: Clock
) -> None:
    laptop, phone = signed_in(app, alice), signed_in(app, alice)
    laptop.submit("/preferences", locale=TRANSLATION)
    clock.forward(seconds=60)
    assert language(phone) == TRANSLATION


def test_an_error_page_is_in_the_chosen_language(client: Client) -> None:
    client.submit("/preferences", locale=TRANSLATION)
    assert client.page("/nowhere", 404).one("html").get("lang") == TRANSLATION


def test_the_layout_is_in_the_language_of_each_visitor(app: Application) -> None:
    one, other = visitor(app), visitor(app)
    sign_in = f">{translated('Sign in')}<"
    assert sign_in in one.get("/", headers={"Accept-Language": TRANSLATION}).text
    assert ">Sign in<" in other.get("/", headers={"Accept-Language": "en"}).text
    assert sign_in in one.get("/", headers={"Accept-Language": TRANSLATION}).text


def test_the_language_switch_works_without_javascript_and_returns_to_the_page(
    as_alice: Client,
) -> None:
    page = as_alice.page("/devices?order=age")
    buttons = [b for b in page.all("button") if b.get("name") == "locale"]
    assert [button.get("value") for button in buttons] == list(LOCALES)
    [form] = {inside for button in buttons for inside in button.inside if inside.tag == "form"}
    fields = {f.get("name"): f.get("value") for f in page.all("input") if form in f.inside}
    response = as_alice.post(form.get("action"), data=fields | {"locale": TRANSLATION})
    assert (response.status_code, response.location) == (303, "/devices?order=age")
    assert language(as_alice, path="/devices") == TRANSLATION


def test_a_visitor_with_a_session_gets_the_language_switch(client: Client) -> None:
    client.get("/preferences")
    assert 'name="locale"' in client.get("/").text


@pytest.mark.parametrize("wanted", ["//evil.example", "https:evil.example", "/\t/evil"])
def test_the_language_switch_does_not_redirect_to_another_site(
    as_alice: Client, wanted: str
) -> None:
    token = as_alice.csrf_token("/account")
    fields = {"csrf_token": token, "locale": TRANSLATION, "next": wanted}
    assert as_alice.post("/preferences", data=fields).location == "/preferences"


def test_alice_is_told_that_she_has_an_account_in_her_language(
    as_alice: Client, client: Client, mailed: Callable[[str], list[Message]]
) -> None:
    as_alice.submit("/preferences", locale=TRANSLATION)
    client.submit("/register", email="alice@example.com")
    subject = translated("You already have an account")
    assert mailed("alice@example.com")[-1].subject == subject
