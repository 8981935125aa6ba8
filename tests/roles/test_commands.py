"""`flask roles`, `flask users create --role`, and the sentence of `flask doctor`."""

from collections.abc import Callable

import pytest
from click.testing import Result

from app.application import Application
from app.cli.welcome import first_steps
from app.mail.models import Message
from app.users.models import User
from tests.roles.conftest import Give

Run = Callable[..., Result]
RolesOf = Callable[[User], set[str]]
PASSWORD_OPTION = ["--password", "a few words in a row"]


@pytest.fixture
def run(app: Application) -> Run:
    return lambda *args: app.test_cli_runner().invoke(args=args)


def test_the_first_admin_comes_from_the_command_line(
    run: Run, alice: User, roles_of: RolesOf, mailed: Callable[[str], list[Message]]
) -> None:
    result = run("roles", "grant", "ALICE@example.com", "admin")
    assert result.output == "alice@example.com now has the role admin.\n"
    assert roles_of(alice) == {"admin"}
    [mail] = mailed(alice.email)
    assert "You now have the role admin" in mail.text
    assert run("roles", "grant", alice.email, "admin").output.startswith("alice@example.com had")


def test_a_role_is_revoked(run: Run, alice: User, give: Give, roles_of: RolesOf) -> None:
    give(alice, "support")
    result = run("roles", "revoke", "alice@example.com", "support")
    assert result.output == "alice@example.com no longer has the role support.\n"
    assert roles_of(alice) == set()
    result = run("roles", "revoke", "alice@example.com", "support")
    assert result.output == "alice@example.com did not have the role support.\n"


def test_the_last_admin_is_not_revoked_or_disabled(
    run: Run, admin: User, roles_of: RolesOf
) -> None:
    for args in (["roles", "revoke", admin.email, "admin"], ["users", "disable", admin.email]):
        result = run(*args)
        assert result.exit_code == 1
        assert result.output.startswith("Error: This is the last admin.")
    assert roles_of(admin) == {"admin"}


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["alice@example.com", "boss"], "Error: There is no role boss. The roles are: admin,"),
        (["charlie@example.com", "admin"], "Error: No user has the email address charlie@"),
        (["alice@example.com", "admin", "--until", "2020-01-01"], "This day has passed."),
    ],
)
def test_a_rejected_grant_is_explained(
    run: Run, alice: User, roles_of: RolesOf, args: list[str], message: str
) -> None:
    result = run("roles", "grant", *args)
    assert result.exit_code != 0
    assert message in result.output
    assert roles_of(alice) == set()


def test_roles_are_listed_with_their_end_and_their_permissions(
    run: Run, admin: User, alice: User, bob: User, hold: Give
) -> None:
    run("roles", "grant", alice.email, "support", "--until", "2099-12-31")
    hold(bob, "boss")
    assert run("roles", "list").output == (
        "admin@example.com  admin\n"
        "alice@example.com  support  until 2099-12-31\n"
        "bob@example.com  boss  unknown\n"
        "\n"
        "admin: events.see, factors.reset, logins.end, people.disable, people.see, reset.send, "
        "roles.grant, site.operate\n"
        "auditor: events.see, people.see\n"
        "support: logins.end, people.see, reset.send\n"
    )


def test_an_end_can_be_added_and_removed(run: Run, alice: User) -> None:
    run("roles", "grant", alice.email, "support", "--until", "2099-12-31")
    run("roles", "grant", alice.email, "support")
    assert "alice@example.com  support\n" in run("roles", "list").output


def test_a_user_is_created_with_a_role(run: Run, app: Application) -> None:
    result = run("users", "create", "charlie@example.com", "--role", "admin", *PASSWORD_OPTION)
    assert result.exit_code == 0, result.output
    assert "charlie@example.com  admin\n" in run("roles", "list").output


def test_a_user_is_not_created_with_an_unknown_role(run: Run) -> None:
    result = run("users", "create", "charlie@example.com", "--role", "boss", *PASSWORD_OPTION)
    assert result.exit_code == 1
    assert result.output.startswith("Error: There is no role boss.")
    assert run("users", "list").output == ""


def test_make_run_says_how_an_account_becomes_an_admin_until_there_is_one(
    run: Run, app: Application
) -> None:
    with app.app_context():
        assert "add `--role admin`" in first_steps(app)
        run("users", "create", "charlie@example.com", *PASSWORD_OPTION)
        assert "flask roles grant you@example.com admin" in first_steps(app)
        run("roles", "grant", "charlie@example.com", "admin")
        assert "admin" not in first_steps(app)


def test_the_doctor_reports_an_unknown_role(run: Run, bob: User, hold: Give) -> None:
    hold(bob, "boss")
    [line] = [line for line in run("doctor").output.splitlines() if "boss" in line]
    assert line.startswith("warning  Users with the role 'boss': 1.")
    assert "flask roles revoke EMAIL boss" in line
    run("roles", "revoke", bob.email, "boss")
    assert "boss" not in run("doctor").output


def test_the_doctor_survives_a_database_without_tables(
    make_app: Callable[..., Application], tmp_path: object
) -> None:
    new = make_app(DATABASE_URL=f"sqlite:///{tmp_path}/new.sqlite3")
    result = new.test_cli_runner().invoke(args=["doctor"])
    assert "The database lacks migrations." in result.output
