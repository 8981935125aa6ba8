"""Recovery codes: displayed once, each valid once, replaced on request."""

from collections.abc import Callable

from app.application import Application
from app.database import db
from app.mail.models import Message
from app.two_factor.models import RecoveryCode
from app.users.models import User
from tests.client import Client
from tests.conftest import Clock, signed_in, visitor
from tests.two_factor.phones import (
    Phone,
    codes_shown,
    give_code,
    give_password,
    secret_shown,
    set_up,
    sign_in,
)

Outbox = Callable[[], list[Message]]


def make_new(client: Client, clock: Clock) -> list[str]:
    """Get new codes, long enough after the last ones that it is no double click."""
    clock.forward(seconds=10)
    sent = {"csrf_token": client.csrf_token("/account")}
    response = client.post("/two-factor/recovery-codes", data=sent)
    return codes_shown(client.page(response.location))


def test_a_recovery_code_replaces_the_authenticator_app(
    client: Client, alice: User, recovery_codes: list[str]
) -> None:
    assert sign_in(client, alice, recovery_codes[3]).location == "/account"
    assert client.is_signed_in


def test_each_works_once(app: Application, alice: User, recovery_codes: list[str]) -> None:
    assert sign_in(visitor(app), alice, recovery_codes[0]).status_code == 303
    assert sign_in(visitor(app), alice, recovery_codes[0]).status_code == 422
    assert sign_in(visitor(app), alice, recovery_codes[1]).status_code == 303


def test_a_code_may_be_typed_in_capitals_with_spaces_and_misread_letters(
    client: Client, alice: User, recovery_codes: list[str]
) -> None:
    written = recovery_codes[0].upper().replace("-", " ").replace("0", "O").replace("1", "I")
    assert sign_in(client, alice, written).status_code == 303


def test_there_are_ten_codes_of_80_bits(recovery_codes: list[str]) -> None:
    assert len(set(recovery_codes)) == 10
    letters = {len(code.replace("-", "")) for code in recovery_codes}
    assert letters == {16}, "5 bits each"


def test_they_are_shown_once(as_alice: Client) -> None:
    set_up(as_alice)
    response = as_alice.get("/two-factor/recovery-codes")
    assert (response.status_code, response.location) == (303, "/two-factor")


def test_codes_can_be_downloaded_without_javascript(as_alice: Client) -> None:
    as_alice.submit("/two-factor", code=set_up_code(as_alice))
    page = as_alice.page("/two-factor/recovery-codes")
    [link] = [link for link in page.all("a") if "download" in link.attributes]
    for code in codes_shown(page):
        assert code in link.get("href")


def set_up_code(client: Client) -> str:
    return secret_shown(client.page("/two-factor")).code()


def test_the_account_page_shows_how_many_codes_are_left(
    app: Application, alice: User, recovery_codes: list[str]
) -> None:
    client = visitor(app)
    sign_in(client, alice, recovery_codes[0])
    assert "You have 9 recovery codes left." in client.page("/account").text


def test_an_email_says_that_a_code_was_used_and_how_many_are_left(
    client: Client, alice: User, recovery_codes: list[str], outbox: Outbox
) -> None:
    sign_in(client, alice, recovery_codes[0])
    [mail] = [mail for mail in outbox() if mail.subject == "A recovery code was used"]
    assert "You have 9 recovery codes left." in mail.text
    assert mail.recipient == alice.email


def test_new_codes_replace_the_old_ones(
    app: Application, alice: User, recovery_codes: list[str], clock: Clock
) -> None:
    new = make_new(signed_in(app, alice), clock)
    assert len(new) == 10
    assert sign_in(visitor(app), alice, recovery_codes[0]).status_code == 422
    assert sign_in(visitor(app), alice, new[0]).status_code == 303


def test_a_user_without_a_second_factor_gets_no_recovery_codes(
    app: Application, as_bob: Client
) -> None:
    sent = {"csrf_token": as_bob.csrf_token("/account")}
    assert as_bob.post("/two-factor/recovery-codes", data=sent).location == "/two-factor"
    with app.app_context():
        assert not db.session.scalars(db.select(RecoveryCode)).all()


def test_the_database_contains_only_digests(app: Application, recovery_codes: list[str]) -> None:
    with app.app_context():
        rows = db.session.scalars(db.select(RecoveryCode)).all()
    kept = b"".join(row.code_digest for row in rows)
    assert len({row.code_digest for row in rows}) == 10
    assert not any(code.replace("-", "").encode() in kept for code in recovery_codes)


def test_bobs_codes_do_not_work_for_alice(
    app: Application, alice: User, bob: User, phone: Phone
) -> None:
    _, bobs = set_up(signed_in(app, bob))
    client = visitor(app)
    give_password(client, alice)
    assert give_code(client, bobs[0]).status_code == 422


def test_making_new_codes_requires_reauthentication(
    app: Application, alice: User, clock: Clock
) -> None:
    client = signed_in(app, alice)
    set_up(client)
    clock.forward(minutes=15)
    sent = {"csrf_token": client.csrf_token("/account")}
    assert client.post("/two-factor/recovery-codes", data=sent).status_code == 401
