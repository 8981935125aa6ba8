"""A trusted device skips the second step of a sign-in, and nothing else."""

import pytest

from app.application import Application
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, Clock, signed_in, visitor
from tests.page import Page
from tests.two_factor.phones import Phone, give_password, phone_of, sign_in


@pytest.fixture
def trusted(app: Application, alice: User, phone: Phone) -> Client:
    """A browser that Alice trusts and is signed out of."""
    client = visitor(app)
    assert sign_in(client, alice, phone.code(), trust="y").status_code == 303
    client.sign_out()
    return client


def is_end(address: str) -> bool:
    return address.startswith("/devices/") and address != "/devices/end-others"


def is_asked(client: Client, user: User) -> bool:
    return give_password(client, user).location == "/login/second"


def test_a_trusted_device_is_not_asked_for_the_second_step(trusted: Client, alice: User) -> None:
    assert give_password(trusted, alice).location == "/account"
    assert trusted.is_signed_in


def test_a_device_is_trusted_only_on_request(client: Client, alice: User, phone: Phone) -> None:
    sign_in(client, alice, phone.code())
    assert client.get_cookie("trusted_device") is None


def test_trust_expires_after_thirty_days(trusted: Client, alice: User, clock: Clock) -> None:
    clock.forward(days=29, hours=23)
    assert not is_asked(trusted, alice)
    trusted.sign_out()
    clock.forward(hours=1)
    assert is_asked(trusted, alice), "using it does not extend the trust"


def test_a_device_that_alice_trusts_asks_bob_for_his_second_factor(
    app: Application, trusted: Client, bob: User
) -> None:
    phone_of(app, bob)
    assert is_asked(trusted, bob)


def test_reauthentication_requires_both_factors_on_a_trusted_device_too(
    trusted: Client, alice: User, phone: Phone, clock: Clock
) -> None:
    give_password(trusted, alice)
    assert trusted.get("/two-factor").location == "/prove?next=/two-factor"
    assert trusted.submit("/prove", password=PASSWORD).location == "/login/second"


def test_trusted_devices_are_listed_and_removed_on_the_devices_page(
    app: Application, trusted: Client, alice: User
) -> None:
    other = signed_in(app, alice)
    page = other.page("/devices")
    assert "Trusted devices" in page.text
    [form] = [form for form in page.all("form") if "/trusted-devices/" in form.get("action")]
    other.post(form.get("action"), data={"csrf_token": page.fields_for("/devices")["csrf_token"]})
    assert "Trusted devices" not in other.page("/devices").text
    assert is_asked(trusted, alice)


def test_bob_cannot_remove_alices_trusted_device(trusted: Client, as_bob: Client) -> None:
    sent = {"csrf_token": as_bob.csrf_token("/account")}
    assert as_bob.post("/trusted-devices/1/end", data=sent).status_code == 404


def test_signing_out_a_device_ends_its_trust(
    app: Application, trusted: Client, alice: User
) -> None:
    give_password(trusted, alice)
    other = signed_in(app, alice)
    page = other.page("/devices")
    _, *others = [form.get("action") for form in page.all("form") if is_end(form.get("action"))]
    sent = {"csrf_token": page.fields_for("/devices")["csrf_token"]}
    for address in others:
        other.post(address, data=sent)
    assert not trusted.is_signed_in
    assert is_asked(trusted, alice)


def test_signing_out_other_devices_ends_their_trust_and_keeps_this_one(
    app: Application, trusted: Client, alice: User, phone: Phone, clock: Clock
) -> None:
    here = visitor(app)
    clock.forward(seconds=30)
    sign_in(here, alice, phone.code(), trust="y")
    here.post("/devices/end-others", data={"csrf_token": here.csrf_token("/account")})
    assert is_asked(trusted, alice)
    here.sign_out()
    assert not is_asked(here, alice)


@pytest.mark.parametrize("way", ["changed", "set by an operator", "factor off", "disabled"])
def test_trust_ends_with_the_password_the_factor_and_the_account(
    app: Application, trusted: Client, alice: User, way: str
) -> None:
    other = signed_in(app, alice)
    run = app.test_cli_runner().invoke
    if way == "changed":
        other.submit("/account/password", current_password=PASSWORD, password=PASSWORD + "!")
    elif way == "set by an operator":
        run(args=["users", "set-password", alice.email, "--password", PASSWORD])
    elif way == "factor off":
        other.post("/two-factor/turn-off", data={"csrf_token": other.csrf_token("/account")})
    else:
        run(args=["users", "disable", alice.email])
    assert "Trusted" not in signed_in(app, alice).get("/devices").text


def test_a_new_password_ends_the_trust_in_this_browser_too(
    client: Client, alice: User, phone: Phone
) -> None:
    sign_in(client, alice, phone.code(), trust="y")
    client.submit("/account/password", current_password=PASSWORD, password=PASSWORD + "!")
    client.sign_out()
    redirect = client.submit("/login", email=alice.email, password=PASSWORD + "!")
    assert redirect.location == "/login/second"


def test_over_https_its_cookie_is_a_host_cookie(
    app: Application, alice: User, phone: Phone
) -> None:
    client = visitor(app)
    at = {"base_url": "https://localhost"}

    def send(path: str, **fields: str) -> list[str]:
        filled = Page(client.get(path, **at).text).fields_for(path) | fields
        sent = client.post(path, data=filled, headers={"Referer": "https://localhost/"}, **at)
        return sent.headers.getlist("Set-Cookie")

    send("/login", email=alice.email, password=PASSWORD)
    [cookie] = [
        line for line in send("/login/second", code=phone.code(), trust="y") if "trusted" in line
    ]
    assert cookie.startswith("__Host-trusted_device=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))


def test_expired_trusted_devices_are_pruned(
    app: Application, trusted: Client, clock: Clock
) -> None:
    assert "trusted devices: 0" in app.test_cli_runner().invoke(args=["prune"]).output
    clock.forward(days=30)
    assert "trusted devices: 1" in app.test_cli_runner().invoke(args=["prune"]).output
