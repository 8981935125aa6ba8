"""Recovery codes: shown once, each used once, made anew on demand."""

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
    is_in,
    secret_shown,
    set_up,
    sign_in,
)

Outbox = Callable[[], list[Message]]


def make_new(client: Client, clock: Clock) -> list[str]:
    """Ask for new codes, long enough after the last that it is no double click."""
    clock.forward(seconds=10)
    sent = {"csrf_token": client.csrf_token("/account")}
    response = client.post("/two-factor/recovery-codes", data=sent)
    return codes_shown(client.page(response.location))


def test_a_recovery_code_stands_in_for_the_phone(
    client: Client, alice: User, paper: list[str]
) -> None:
    assert sign_in(client, alice, paper[3]).location == "/account"
    assert is_in(client)


def test_each_works_once(app: Application, alice: User, paper: list[str]) -> None:
    assert sign_in(visitor(app), alice, paper[0]).status_code == 303
    assert sign_in(visitor(app), alice, paper[0]).status_code == 422
    assert sign_in(visitor(app), alice, paper[1]).status_code == 303


def test_it_may_be_written_in_capitals_with_blanks_and_misread(
    client: Client, alice: User, paper: list[str]
) -> None:
    written = paper[0].upper().replace("-", " ").replace("0", "O").replace("1", "I")
    assert sign_in(client, alice, written).status_code == 303


def test_there_are_ten_of_eighty_bits(paper: list[str]) -> None:
    assert len(set(paper)) == 10
    letters = {len(code.replace("-", "")) for code in paper}
    assert letters == {16}, "5 bits each"


def test_they_are_shown_once(as_alice: Client) -> None:
    set_up(as_alice)
    response = as_alice.get("/two-factor/recovery-codes")
    assert (response.status_code, response.location) == (303, "/two-factor")


def test_they_can_be_downloaded_without_a_script(as_alice: Client) -> None:
    as_alice.submit("/two-factor", code=set_up_code(as_alice))
    page = as_alice.page("/two-factor/recovery-codes")
    [link] = [link for link in page.all("a") if "download" in link.attributes]
    for code in codes_shown(page):
        assert code in link.get("href")


def set_up_code(client: Client) -> str:
    return secret_shown(client.page("/two-factor")).code()


def test_they_are_counted_down(app: Application, alice: User, paper: list[str]) -> None:
    client = visitor(app)
    sign_in(client, alice, paper[0])
    assert "You have 9 recovery codes left." in client.page("/account").text


def test_a_mail_says_that_one_was_used_and_how_many_are_left(
    client: Client, alice: User, paper: list[str], outbox: Outbox
) -> None:
    sign_in(client, alice, paper[0])
    [mail] = [mail for mail in outbox() if mail.subject == "A recovery code was used"]
    assert "You have 9 recovery codes left." in mail.text
    assert mail.recipient == alice.email


def test_new_ones_end_the_old_ones(
    app: Application, alice: User, paper: list[str], clock: Clock
) -> None:
    new = make_new(signed_in(app, alice), clock)
    assert len(new) == 10
    assert sign_in(visitor(app), alice, paper[0]).status_code == 422
    assert sign_in(visitor(app), alice, new[0]).status_code == 303


def test_who_has_no_second_factor_gets_none(app: Application, as_bob: Client) -> None:
    sent = {"csrf_token": as_bob.csrf_token("/account")}
    assert as_bob.post("/two-factor/recovery-codes", data=sent).location == "/two-factor"
    with app.app_context():
        assert not db.session.scalars(db.select(RecoveryCode)).all()


def test_the_database_keeps_none_of_them(app: Application, paper: list[str]) -> None:
    with app.app_context():
        rows = db.session.scalars(db.select(RecoveryCode)).all()
    kept = b"".join(row.code_digest for row in rows)
    assert len({row.code_digest for row in rows}) == 10
    assert not any(code.replace("-", "").encode() in kept for code in paper)


def test_bobs_codes_are_none_of_alices(
    app: Application, alice: User, bob: User, phone: Phone
) -> None:
    _, bobs = set_up(signed_in(app, bob))
    client = visitor(app)
    give_password(client, alice)
    assert give_code(client, bobs[0]).status_code == 422


def test_making_new_ones_asks_for_proof(app: Application, alice: User, clock: Clock) -> None:
    client = signed_in(app, alice)
    set_up(client)
    clock.forward(minutes=15)
    sent = {"csrf_token": client.csrf_token("/account")}
    assert client.post("/two-factor/recovery-codes", data=sent).status_code == 401
