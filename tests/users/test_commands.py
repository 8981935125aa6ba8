"""`flask users` and `flask prune`."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import select

from app.application import Application
from app.cli.welcome import first_steps
from app.database import db
from app.database.commands import Command
from app.sessions.models import LoginSession
from app.users.models import User
from tests.client import Client
from tests.conftest import signed_in

NEW_PASSWORD = "a few words in a row"


@pytest.fixture
def run(app: Application) -> Callable[..., Result]:
    """Run a command: run("users", "list")."""

    def type_in(*args: str, typed: str = "") -> Result:
        return app.test_cli_runner().invoke(args=args, input=typed)

    return type_in


Run = Callable[..., Result]


def test_the_password_prompt_asks_twice_and_does_not_echo(run: Run, client: Client) -> None:
    typed = f"{NEW_PASSWORD}\n{NEW_PASSWORD}\n"
    result = run("users", "create", "Charlie@Example.com", typed=typed)
    assert result.exit_code == 0
    assert "charlie@example.com can sign in now." in result.output
    assert NEW_PASSWORD not in result.output
    assert client.sign_in("charlie@example.com", NEW_PASSWORD).status_code == 303


def test_the_password_prompt_names_the_minimum_and_repeats_until_it_is_met(run: Run) -> None:
    typed = f"short\n{NEW_PASSWORD}\n{NEW_PASSWORD}\n"
    result = run("users", "create", "charlie@example.com", typed=typed)
    assert result.exit_code == 0
    assert result.output.startswith("Password (at least 15 characters): ")
    assert "Error: Use at least 15 characters; this password has 5." in result.output
    assert result.output.endswith("charlie@example.com can sign in now.\n")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["create", "Alice@example.com"], "Alice@example.com has an account already."),
        (["create", "charlie"], "An email address must have an @-sign."),
        (["set-password", "bob@example.com"], "No user has the email address bob@example.com."),
    ],
)
def test_the_address_is_checked_before_the_password_is_asked_for(
    run: Run, alice: User, args: list[str], message: str
) -> None:
    result = run("users", *args, typed=f"{NEW_PASSWORD}\n{NEW_PASSWORD}\n")
    assert (result.exit_code, result.output) == (1, f"Error: {message}\n")


def test_the_password_can_be_an_option(run: Run, client: Client) -> None:
    result = run("users", "create", "charlie@example.com", "--password", NEW_PASSWORD)
    assert result.exit_code == 0
    assert client.sign_in("charlie@example.com", NEW_PASSWORD).status_code == 303


@pytest.mark.parametrize(
    ("email", "password", "message"),
    [
        ("Alice@example.com", NEW_PASSWORD, "Alice@example.com has an account already."),
        ("charlie@example.com", "short", "Nothing was changed. Use at least 15 characters"),
        ("charlie@example.com", "a" * 129, "Nothing was changed. Use at most 128 characters."),
        ("charlie", NEW_PASSWORD, "An email address must have an @-sign."),
    ],
)
def test_a_rejected_user_is_explained_in_a_sentence(
    run: Run, alice: User, email: str, password: str, message: str
) -> None:
    result = run("users", "create", email, "--password", password)
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {message}")
    assert len(run("users", "list").output.splitlines()) == 1


def test_disabling_signs_alice_out_and_enabling_lets_her_sign_in(
    run: Run, app: Application, alice: User, as_alice: Client, client: Client
) -> None:
    phone = signed_in(app, alice)
    disabled = run("users", "disable", "ALICE@example.com")
    assert disabled.output == "alice@example.com is disabled; logins ended: 2.\n"
    assert as_alice.get("/account").status_code == 303
    assert client.sign_in("alice@example.com").status_code == 422

    enabled = run("users", "enable", "alice@example.com")
    assert enabled.output == "alice@example.com can sign in again.\n"
    assert phone.get("/account").status_code == 303
    assert client.sign_in("alice@example.com").status_code == 303


def test_a_new_password_ends_every_login_of_that_user_only(
    run: Run, app: Application, alice: User, as_alice: Client, as_bob: Client
) -> None:
    signed_in(app, alice, remembered=True)
    typed = f"{NEW_PASSWORD}\n{NEW_PASSWORD}\n"
    result = run("users", "set-password", "alice@example.com", typed=typed)
    assert "alice@example.com has a new password; logins ended: 2." in result.output
    assert as_alice.get("/account").status_code == 303
    assert as_bob.get("/account").status_code == 200
    assert as_alice.sign_in("alice@example.com").status_code == 422
    assert as_alice.sign_in("alice@example.com", NEW_PASSWORD).status_code == 303


def test_a_weak_new_password_changes_nothing(run: Run, as_alice: Client) -> None:
    result = run("users", "set-password", "alice@example.com", "--password", "short")
    assert result.exit_code == 1
    assert as_alice.get("/account").status_code == 200


@pytest.mark.parametrize(
    "args",
    [["disable"], ["enable"], ["set-password", "--password", NEW_PASSWORD]],
    ids=lambda args: args[0],
)
def test_an_unknown_email_address_is_an_error(run: Run, args: list[str]) -> None:
    result = run("users", *args, "nobody@example.com")
    assert (result.exit_code, result.output) == (
        1,
        "Error: No user has the email address nobody@example.com.\n",
    )


def test_users_are_listed_oldest_first(run: Run, bob: User, alice: User) -> None:
    run("users", "disable", "bob@example.com")
    first, second = run("users", "list").output.splitlines()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d  bob@example.com  disabled", first)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d  alice@example.com", second)


def test_the_first_steps_explain_how_to_get_an_account_until_there_is_one(
    run: Run, app: Application
) -> None:
    with app.app_context():
        assert first_steps(app).startswith("Open http://127.0.0.1:5000\n")
        assert "flask users create you@example.com" in first_steps(app)
    run("users", "create", "charlie@example.com", "--password", NEW_PASSWORD)
    with app.app_context():
        assert "flask users create" not in first_steps(app)


def test_every_command_explains_database_errors(app: Application) -> None:
    """Except those of Flask-Migrate, and `doctor`, which reports such errors itself."""
    other = {"db", "doctor"}
    wrong = [
        name
        for name, command in app.cli.commands.items()
        if not isinstance(command, Command) and name not in other
    ]
    assert not wrong, "Create it with cls=Command or as Commands(…), from app.database.commands."


@pytest.mark.parametrize(
    "args",
    [
        ["users", "list"],
        ["users", "disable", "a@example.com"],
        ["jobs", "list"],
        ["mail", "list"],
        ["prune"],
    ],
    ids=" ".join,
)
def test_a_database_without_tables_is_explained_in_a_sentence(
    make_app: Callable[..., Any], tmp_path: Path, args: list[str]
) -> None:
    new = make_app(DATABASE_URL=f"sqlite:///{tmp_path}/new.sqlite3")
    result = new.test_cli_runner().invoke(args=args)
    assert result.exit_code == 1
    assert result.output.startswith("Error: The database rejected")
    assert "run `flask db upgrade` first." in result.output
    assert "Traceback" not in result.output


def test_a_command_that_fails_leaves_nothing_behind(
    run: Run, app: Application, as_alice: Client
) -> None:
    run("users", "set-password", "alice@example.com", typed="one\nother\n" * 3)
    with app.app_context():
        assert len(db.session.scalars(select(LoginSession)).all()) == 1


def test_prune_can_delete_one_kind_of_rows(run: Run) -> None:
    assert run("prune", "security events", "known devices").output == (
        "security events: 0\nknown devices: 0\n"
    )


def test_prune_rejects_an_unknown_kind_and_lists_the_known_ones(run: Run) -> None:
    result = run("prune", "everything")
    assert result.exit_code == 2
    assert "everything. Known are: " in result.output
    assert "counted attempts, deleted accounts" in result.output
