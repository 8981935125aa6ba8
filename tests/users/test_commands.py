"""`flask users …`, as an operator types it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import select

from app.application import Application
from app.database import db
from app.database.commands import Command
from app.sessions.models import LoginSession
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, signed_in

NEW_PASSWORD = "a few words in a row"


@pytest.fixture
def run(app: Application) -> Callable[..., Result]:
    """Run a command as a shell would: run("users", "list")."""

    def type_in(*words: str, answers: str = "") -> Result:
        return app.test_cli_runner().invoke(args=words, input=answers)

    return type_in


Run = Callable[..., Result]


def sign_in(client: Client, email: str, password: str) -> int:
    return client.submit("/login", email=email, password=password).status_code


def test_an_operator_is_asked_for_the_password_twice_and_it_is_not_shown(
    run: Run, client: Client
) -> None:
    answers = f"{NEW_PASSWORD}\n{NEW_PASSWORD}\n"
    result = run("users", "create", "Charlie@Example.com", answers=answers)
    assert result.exit_code == 0
    assert "charlie@example.com can sign in now." in result.output
    assert NEW_PASSWORD not in result.output
    assert sign_in(client, "charlie@example.com", NEW_PASSWORD) == 303


def test_the_password_may_be_given_at_once(run: Run, client: Client) -> None:
    result = run("users", "create", "charlie@example.com", "--password", NEW_PASSWORD)
    assert result.exit_code == 0
    assert sign_in(client, "charlie@example.com", NEW_PASSWORD) == 303


@pytest.mark.parametrize(
    ("email", "password", "says"),
    [
        ("Alice@example.com", NEW_PASSWORD, "Alice@example.com has an account already."),
        ("charlie@example.com", "short", "Nothing was changed. Use at least 15 characters"),
        ("charlie@example.com", "a" * 129, "Nothing was changed. Use at most 128 characters."),
        ("charlie", NEW_PASSWORD, "An email address must have an @-sign."),
    ],
)
def test_what_cannot_be_created_is_said_in_a_sentence(
    run: Run, alice: User, email: str, password: str, says: str
) -> None:
    result = run("users", "create", email, "--password", password)
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {says}")
    assert len(run("users", "list").output.splitlines()) == 1


def test_disabling_keeps_alice_out_at_once_and_enabling_lets_her_in(
    run: Run, app: Application, alice: User, as_alice: Client, client: Client
) -> None:
    phone = signed_in(app, alice)
    disabled = run("users", "disable", "ALICE@example.com")
    assert disabled.output == "alice@example.com is disabled; logins ended: 2.\n"
    assert as_alice.get("/account").status_code == 303
    assert sign_in(client, "alice@example.com", PASSWORD) == 422

    enabled = run("users", "enable", "alice@example.com")
    assert enabled.output == "alice@example.com can sign in again.\n"
    assert phone.get("/account").status_code == 303
    assert sign_in(client, "alice@example.com", PASSWORD) == 303


def test_a_new_password_ends_every_login_and_nobody_elses(
    run: Run, app: Application, alice: User, as_alice: Client, as_bob: Client
) -> None:
    signed_in(app, alice, remembered=True)
    answers = f"{NEW_PASSWORD}\n{NEW_PASSWORD}\n"
    result = run("users", "set-password", "alice@example.com", answers=answers)
    assert "alice@example.com has a new password; logins ended: 2." in result.output
    assert as_alice.get("/account").status_code == 303
    assert as_bob.get("/account").status_code == 200
    assert sign_in(as_alice, "alice@example.com", PASSWORD) == 422
    assert sign_in(as_alice, "alice@example.com", NEW_PASSWORD) == 303


def test_a_weak_new_password_changes_nothing(run: Run, as_alice: Client) -> None:
    result = run("users", "set-password", "alice@example.com", "--password", "short")
    assert result.exit_code == 1
    assert as_alice.get("/account").status_code == 200


@pytest.mark.parametrize(
    "words",
    [["disable"], ["enable"], ["set-password", "--password", NEW_PASSWORD]],
    ids=lambda words: words[0],
)
def test_somebody_unknown_is_said_to_be(run: Run, words: list[str]) -> None:
    result = run("users", *words, "nobody@example.com")
    assert (result.exit_code, result.output) == (
        1,
        "Error: Nobody has the address nobody@example.com.\n",
    )


def test_everybody_is_listed_oldest_first(run: Run, bob: User, alice: User) -> None:
    run("users", "disable", "bob@example.com")
    first, second = run("users", "list").output.splitlines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d  bob@example.com  disabled", first)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d  alice@example.com", second)


def test_a_newcomer_is_told_how_to_sign_in_until_somebody_can(run: Run, database_url: str) -> None:
    told = run("users", "first-run").output
    assert "flask users create you@example.com" in told
    assert "http://127.0.0.1:5000/login" in told
    run("users", "create", "charlie@example.com", "--password", NEW_PASSWORD)
    assert run("users", "first-run").output == ""


def test_every_group_of_ours_says_what_the_database_refused(app: Application) -> None:
    """Flask-Migrate's own, and `doctor`, which is there to say it, are not ours."""
    other = {"db", "doctor"}
    wrong = [
        name
        for name, command in app.cli.commands.items()
        if not isinstance(command, Command) and name not in other
    ]
    assert not wrong, "Make it with cls=Command or as Commands(…), from app.database.commands."


@pytest.mark.parametrize(
    "words",
    [
        ["users", "list"],
        ["users", "first-run"],
        ["users", "disable", "a@example.com"],
        ["jobs", "list"],
        ["mail", "list"],
        ["audit", "prune"],
        ["auth", "prune"],
        ["sessions", "prune"],
        ["prune"],
    ],
    ids=" ".join,
)
def test_a_database_without_tables_is_said_in_a_sentence(
    make_app: Callable[..., Any], tmp_path: Path, words: list[str]
) -> None:
    new = make_app(DATABASE_URL=f"sqlite:///{tmp_path}/new.sqlite3")
    result = new.test_cli_runner().invoke(args=words)
    assert result.exit_code == 1
    assert result.output.startswith("Error: The database rejected")
    assert "run `flask db upgrade` first." in result.output
    assert "Traceback" not in result.output


def test_a_command_that_fails_leaves_nothing_behind(
    run: Run, app: Application, as_alice: Client
) -> None:
    run("users", "set-password", "alice@example.com", answers="one\nother\n" * 3)
    with app.app_context():
        assert len(db.session.scalars(select(LoginSession)).all()) == 1
