"""The account page."""

from app.users.models import MAX_NAME_LENGTH
from tests.client import Client


def greeted(client: Client) -> str:
    return client.page("/account").one("input", name="display_name").get("value")


def test_alice_sees_her_address(as_alice: Client) -> None:
    assert "alice@example.com" in as_alice.page("/account").text


def test_alice_changes_her_name(as_alice: Client) -> None:
    response = as_alice.submit("/account", display_name="  Alice Ærlig 🌱 ")
    assert (response.status_code, response.location) == (303, "/account")
    page = as_alice.page("/account")
    assert "Your changes have been saved." in page.text
    assert greeted(as_alice) == "Alice Ærlig 🌱"


def test_alice_can_remove_her_name(as_alice: Client) -> None:
    as_alice.submit("/account", display_name="Alice")
    as_alice.submit("/account", display_name=" ")
    assert greeted(as_alice) == ""


def test_a_too_long_name_is_shown_again_as_typed(as_alice: Client) -> None:
    typed = "A" * (MAX_NAME_LENGTH + 1)
    response = as_alice.submit("/account", display_name=typed)
    assert response.status_code == 422
    assert typed in response.text
    assert greeted(as_alice) == ""


def test_a_name_is_escaped(as_alice: Client) -> None:
    as_alice.submit("/account", display_name="<script>alert(1)</script>")
    assert "<script>alert" not in as_alice.page("/account").html
    assert greeted(as_alice) == "<script>alert(1)</script>"


def test_alice_and_bob_have_separate_names(as_alice: Client, as_bob: Client) -> None:
    as_alice.submit("/account", display_name="Alice")
    assert greeted(as_bob) == ""


def test_the_form_changes_the_name_and_nothing_else(as_alice: Client) -> None:
    as_alice.submit("/account", display_name="Alice", email="mallory@example.com", id="7")
    assert "alice@example.com" in as_alice.page("/account").text


def test_a_visitor_is_asked_to_sign_in_first(client: Client) -> None:
    response = client.get("/account")
    assert (response.status_code, response.location) == (303, "/login?next=/account")
