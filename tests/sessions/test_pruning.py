"""Pruning keeps the table of logins small."""

import os

from app.application import Application
from app.database import db
from app.sessions.logins import begin_login, prune_logins
from app.sessions.models import LoginSession
from app.unit_of_work import unit_of_work
from app.unit_of_work.batches import FIRST_BATCH
from app.users.models import User
from tests.conftest import Clock, signed_in

# The figures in docs/sessions.md are those of PEOPLE=50; every day of a year takes its time.
PEOPLE = int(os.environ.get("PEOPLE", "5"))
SIGN_INS_A_DAY = 2  # each; every fifth of them remembered


def rows(app: Application) -> int:
    with app.app_context():
        return db.session.query(LoginSession).count()


def add_users(app: Application) -> list[User]:
    users = [User(email=f"person{number}@example.com") for number in range(PEOPLE)]
    with app.app_context(), unit_of_work():
        db.session.add_all(users)
    return users


def add_logins(app: Application, users: list[User], times: int) -> None:
    with app.app_context(), unit_of_work(), db.session.no_autoflush:
        for number, user in enumerate(users * times):
            begin_login(user, user_agent="x", address="::1", remembered=number % 5 == 0)


def test_a_year_of_use_keeps_the_table_small(app: Application, clock: Clock) -> None:
    users = add_users(app)
    counts = []
    for day in range(364):
        add_logins(app, users, SIGN_INS_A_DAY)
        clock.forward(days=1)
        if day % 7 == 6:
            before = rows(app)
            app.test_cli_runner().invoke(args=["prune"])
            counts.append((before, rows(app)))
    print(
        f"\n{364 * PEOPLE * SIGN_INS_A_DAY} sign-ins in 52 weeks; rows before and after pruning:"
    )
    print(", ".join(f"{before}/{after}" for before, after in (*counts[::13], counts[-1])))
    a_day = PEOPLE * SIGN_INS_A_DAY
    remembered = 14 * a_day // 5
    assert all(before <= 7 * a_day + remembered for before, after in counts)
    assert all(after <= remembered for before, after in counts)


def test_more_than_one_batch_is_removed(app: Application, alice: User, clock: Clock) -> None:
    add_logins(app, [alice] * 10, (2 * FIRST_BATCH + 10) // 10)
    clock.forward(days=15)
    with app.app_context():
        assert prune_logins() == 2 * FIRST_BATCH + 10
        assert prune_logins() == 0


def test_pruning_removes_only_what_has_ended(app: Application, alice: User, clock: Clock) -> None:
    remembered = signed_in(app, alice, remembered=True)
    signed_in(app, alice)
    clock.forward(hours=2)
    here = signed_in(app, alice)
    result = app.test_cli_runner().invoke(args=["prune"])
    assert "logins that have ended: 1\n" in result.output
    assert [c.get("/account").status_code for c in (remembered, here)] == [200, 200]


def test_after_pruning_the_sign_in_page_still_says_that_the_user_was_signed_out(
    app: Application, alice: User, clock: Clock
) -> None:
    client = signed_in(app, alice)
    clock.forward(hours=2)
    app.test_cli_runner().invoke(args=["prune"])
    assert "You were signed out" in client.page(client.get("/account").location).text
