"""Deleting an account."""

from collections.abc import Callable

from sqlalchemy import func, select

from app.application import Application
from app.database import Model, db
from app.mail.models import Message
from app.users.accounts import AccountRequired, account_closing
from app.users.models import User
from tests.client import Client
from tests.conftest import Clock, signed_in

Mailed = Callable[[str], list[Message]]


def prune(app: Application) -> str:
    return app.test_cli_runner().invoke(args=["prune"]).output


def people(app: Application) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(User.email).order_by(User.email)))


def test_alice_is_signed_out_everywhere_at_once(
    app: Application, alice: User, as_alice: Client
) -> None:
    elsewhere = signed_in(app, alice)
    assert as_alice.submit("/account/delete").location == "/"
    assert as_alice.get("/account").status_code == 303
    assert elsewhere.get("/account").status_code == 303


def test_signing_in_again_cancels_the_deletion(
    app: Application, client: Client, as_alice: Client, clock: Clock
) -> None:
    as_alice.submit("/account/delete")
    clock.forward(days=13)
    client.sign_in("alice@example.com")
    assert "will not be deleted" in client.page("/account").text
    clock.forward(days=13)
    prune(app)
    assert people(app) == ["alice@example.com"]


def test_after_two_weeks_alice_and_all_her_data_are_deleted(
    app: Application, as_alice: Client, bob: User, as_bob: Client, clock: Clock, mailed: Mailed
) -> None:
    as_alice.submit("/preferences", theme="dark")
    as_alice.submit("/account/delete")
    as_bob.submit("/account/email", email="bob@new.example")
    clock.forward(days=14, seconds=1)
    assert "deleted accounts: 1" in prune(app)
    assert people(app) == ["bob@example.com"]
    with app.app_context():
        for table in Model.metadata.tables.values():
            if "user_id" in table.columns:
                hers = table.c.user_id != bob.id
                left = db.session.scalar(select(func.count()).select_from(table).where(hers))
                assert left == 0, table.name
    assert (len(mailed("alice@example.com")), len(mailed("bob@new.example"))) == (0, 1)


def test_pruning_before_the_due_date_keeps_alice(app: Application, as_alice: Client) -> None:
    as_alice.submit("/account/delete")
    prune(app)
    assert people(app) == ["alice@example.com"]


def test_an_email_says_how_to_cancel_the_deletion(as_alice: Client, mailed: Mailed) -> None:
    as_alice.submit("/account/delete")
    mail = mailed("alice@example.com")[-1]
    assert mail.subject == "Your account will be deleted"
    assert "/login" in mail.text


def test_a_part_can_keep_an_account_that_it_needs(app: Application, as_alice: Client) -> None:
    def refuse(user: User) -> None:
        raise AccountRequired("Pay your last invoice first.")

    with account_closing.connected_to(refuse):
        response = as_alice.submit("/account/delete")
        disabled = app.test_cli_runner().invoke(args=["users", "disable", "alice@example.com"])
    assert response.status_code == 422
    assert "Pay your last invoice first." in response.text
    assert disabled.output == "Error: Pay your last invoice first.\n"
    assert as_alice.is_signed_in
