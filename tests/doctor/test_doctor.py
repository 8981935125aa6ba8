"""`flask doctor`, and the errors that stop the start."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from click.testing import Result
from sqlalchemy import text

from app.application import Application
from app.checks import Finding, Severity
from app.database import db
from app.doctor.checks import refuse_wrong_settings
from app.doctor.settings import check_hosts, check_optional, check_rate_limits
from config import SettingRefused
from tests.conftest import Clock
from tests.databases import on_postgresql
from tests.mail_server import MailServer
from tests.processes import ROOT, environment
from tests.stores import counting_in_database

GOOD_KEY = "kZ3vW8pQ1xT6nB9mR4yL7cJ2hF5dG0sA"
Examine = Callable[..., Result]


@pytest.fixture
def examine(make_app: Callable[..., Application]) -> Examine:
    def run(*args: str, **settings: object) -> Result:
        app = make_app(**{"SECRET_KEY": GOOD_KEY, **settings})
        return app.test_cli_runner().invoke(args=["doctor", *args])

    return run


def test_a_correct_site_has_no_errors(examine: Examine) -> None:
    result = examine()
    assert result.exit_code == 0, result.output
    assert "The database has all migrations." in result.output
    assert "error" not in result.output


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("SECRET_KEY", "change-me-change-me-change-me-0123456789", "comes from an example"),
        ("DATABASE_URL", "postgresql+psycopg://127.0.0.1:1/x", "cannot be reached"),
        (
            "PAGE_AFTER_SIGN_IN",
            "/acount",
            "PAGE_AFTER_SIGN_IN is /acount, and there is no such page",
        ),
        (
            "PAGE_AFTER_SIGN_IN",
            "/logout",
            "PAGE_AFTER_SIGN_IN is /logout, and there is no such page",
        ),
    ],
)
def test_an_error_fails_the_command(
    examine: Examine, setting: str, value: str, sentence: str
) -> None:
    result = examine(**{setting: value})
    assert result.exit_code == 1
    [line] = [line for line in result.output.splitlines() if sentence in line]
    assert line.strip().startswith("error")


def test_an_unreachable_mail_server_is_an_error(examine: Examine) -> None:
    result = examine(MAIL_URL="smtp://127.0.0.1:1", MAIL_FROM="a@example.com")
    assert result.exit_code == 1
    assert "MAIL_URL names a server that does not accept the sign-in" in result.output


def test_a_reachable_mail_server_is_ok(examine: Examine, mails: MailServer) -> None:
    result = examine(MAIL_URL=mails.url, MAIL_FROM="a@example.com")
    assert "The mail server accepts the sign-in." in result.output


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"BASE_URL": "https://example.com"}, "TRUSTED_PROXIES is 0"),
        ({"BASE_URL": "http://example.com"}, "BASE_URL is not https"),
        ({}, "TRUSTED_HOSTS is empty"),
        ({"RATE_LIMITS_ENABLED": False}, "no request is rate limited"),
        ({}, "none is sent"),
    ],
)
def test_a_disadvantage_is_a_warning(
    examine: Examine, settings: dict[str, object], sentence: str
) -> None:
    result = examine(**settings)
    assert result.exit_code == 0
    [line] = [line for line in result.output.splitlines() if sentence in line]
    assert line.strip().startswith("warning")
    assert examine("--strict", **settings).exit_code == 1


def test_the_store_of_rate_limits_is_reported(make_app: Callable[..., Application]) -> None:
    app = counting_in_database(make_app(RATE_LIMITS_ENABLED=True))
    [finding] = check_rate_limits(app)
    assert (finding.severity, finding.sentence) == (
        Severity.OK,
        "Rate limits are counted in the database, for all processes together.",
    )


def test_a_mail_folder_with_several_hosts_is_a_warning(
    make_app: Callable[..., Application],
) -> None:
    several = make_app(HOSTS="2", MAIL_URL="file:mail")
    assert "each host has its own emails" in sentences(check_hosts(several))


def test_debug_mode_is_a_warning(make_app: Callable[..., Application]) -> None:
    assert "never use it in production" in sentences(check_optional(make_app(DEBUG=True)))


def sentences(findings: Iterable[Finding]) -> str:
    return " ".join(
        finding.sentence for finding in findings if finding.severity is Severity.WARNING
    )


def test_a_missing_migration_is_an_error(examine: Examine, app: Application) -> None:
    with first_migration_only(app):
        result = examine()
    assert result.exit_code == 1
    assert "The database lacks migrations. Run `flask db upgrade`." in result.output


@contextmanager
def first_migration_only(app: Application) -> Iterator[None]:
    """Make the database record only the first migration."""
    first = ScriptDirectory(str(ROOT / "migrations")).get_base()
    with app.app_context(), db.engine.begin() as connection:
        head = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    move = text("UPDATE alembic_version SET version_num = :to")
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(move, {"to": first})
    yield
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(move, {"to": head})


def test_two_migration_heads_are_an_error(
    make_app: Callable[..., Application], tmp_path: Path
) -> None:
    """As after merging two branches that each add a migration."""
    folder = shutil.copytree(ROOT / "migrations", tmp_path / "migrations")
    first = ScriptDirectory(str(folder)).get_base()
    (folder / "versions" / "another.py").write_text(
        f"revision = 'another'\ndown_revision = {first!r}\n"
    )
    app = make_app(SECRET_KEY=GOOD_KEY)
    app.extensions["migrate"].directory = str(folder)
    result = app.test_cli_runner().invoke(args=["doctor"])
    assert result.exit_code == 1
    assert "The migrations have 2 heads. Run `flask db merge heads`." in result.output


@on_postgresql  # SQLite has no clock of its own.
def test_clocks_that_differ_are_a_warning(examine: Examine, clock: Clock) -> None:
    assert "The clocks of this machine and the database agree." in examine().output
    clock.forward(minutes=1)
    assert "The clocks of this machine and the database differ by 0:0" in examine().output
    assert examine("--strict").exit_code == 1


def test_sqlite_with_several_hosts_is_an_error(examine: Examine, is_postgresql: bool) -> None:
    result = examine(HOSTS="2")
    assert result.exit_code == (0 if is_postgresql else 1)
    assert ("each host would have its own data" in result.output) is not is_postgresql


def test_errors_in_settings_stop_the_start_and_warnings_do_not(
    make_app: Callable[..., Application],
) -> None:
    refuse_wrong_settings(make_app(TESTING=False, SECRET_KEY=GOOD_KEY))
    sample = make_app(TESTING=False, SECRET_KEY="your-secret-key-goes-here-0123456789")
    with pytest.raises(SettingRefused, match="comes from an example"):
        refuse_wrong_settings(sample)


def test_no_sentence_repeats_a_password(examine: Examine) -> None:
    urls = {
        "DATABASE_URL": "postgresql+psycopg://u:pa55word@127.0.0.1:1/x",
        "MAIL_URL": "smtp://u:pa55word@127.0.0.1:1",
    }
    assert "pa55word" not in examine(**urls, MAIL_FROM="a@example.com").output


def test_a_folder_that_cannot_be_created_is_an_error(examine: Examine, tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file")
    result = examine(MAIL_URL=f"file:{tmp_path}/mail/out")
    assert result.exit_code == 1
    assert "is not writable" in result.output
    assert examine(MAIL_URL=f"file:{tmp_path}/new").exit_code == 0
    assert examine(MAIL_URL="file:/proc/mail").exit_code == 1, "not even root can"


def test_the_command_prints_all_errors_at_once(clean_database: str) -> None:
    sample = "your-secret-key-goes-here-0123456789"
    wrong = {"FLASK_APP": "wsgi", "SECRET_KEY": sample, "MAIL_URL": "file:/proc/mail"}
    command = [sys.executable, "-m", "flask", "doctor"]
    given = environment(clean_database, wrong)
    doctor = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True)
    assert doctor.returncode == 1
    assert "comes from an example" in doctor.stdout
    assert "/proc/mail is not writable" in doctor.stdout
