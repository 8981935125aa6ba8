"""Settings: the accepted values, and the message for each rejected one."""

from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest

from app import create_app, declared_settings, development_key
from app.application import Application
from config import Config, Rules, SettingRefused, types_of_settings

SECRET = "0123456789 abcdef 0123456789 abcdef"


def refusal(**values: Any) -> str:
    with pytest.raises(SettingRefused) as refused:
        Config(values).refuse_weak_secret()
    return refused.value.message


def test_every_setting_has_a_default_that_works() -> None:
    config = Config({"SECRET_KEY": SECRET})
    config.refuse_weak_secret()
    assert config.DATABASE_URL == "sqlite:///lockstep.sqlite3"
    assert config.PASSWORD_MIN_LENGTH == 15


def test_links_follow_the_port_of_the_development_server() -> None:
    assert Config({"FLASK_RUN_PORT": "5001"}).BASE_URL == "http://127.0.0.1:5001"
    own = {"FLASK_RUN_PORT": "5001", "BASE_URL": "https://example.com"}
    assert Config(own).BASE_URL == "https://example.com"


def test_default_lifetimes_of_logins_are_those_of_nist() -> None:
    config = Config({})
    assert timedelta(hours=1) == config.SESSION_IDLE_LIMIT
    assert timedelta(hours=24) == config.SESSION_LIFETIME
    assert timedelta(days=14) == config.REMEMBERED_IDLE_LIMIT
    assert timedelta(days=30) == config.REMEMBERED_LIFETIME


@pytest.mark.parametrize(
    ("written", "means"),
    [
        ("90", timedelta(seconds=90)),
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("12h", timedelta(hours=12)),
        ("30d", timedelta(days=30)),
        (" 30d\n", timedelta(days=30)),
        (timedelta(minutes=5), timedelta(minutes=5)),
    ],
)
def test_a_duration_is_written_in_five_ways(written: Any, means: timedelta) -> None:
    assert means == Config({"SESSION_LIFETIME": written}).SESSION_LIFETIME


@pytest.mark.parametrize("written", ["soon", "1.5h", "-5m", "5 m", "5w", "0", "0d", "9" * 30])
def test_an_invalid_duration_is_refused(written: str) -> None:
    assert refusal(SESSION_LIFETIME=written) == (
        f"SESSION_LIFETIME is {written!r}. Write a duration as 90, 90s, 15m, 12h or 30d."
    )


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_uses_psycopg(scheme: str) -> None:
    config = Config({"DATABASE_URL": f"{scheme}://alice:secret@db.example/shop"})
    assert config.DATABASE_URL == "postgresql+psycopg://alice:secret@db.example/shop"


@pytest.mark.parametrize(
    "url", ["mysql://alice:hunter2@db/shop", "postgresql+psycopg2://alice:hunter2@db/shop", "x"]
)
def test_an_unsupported_database_is_refused_without_showing_its_password(url: str) -> None:
    sentence = refusal(DATABASE_URL=url)
    assert sentence.startswith("DATABASE_URL is not a supported database.")
    assert "hunter2" not in sentence


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///"])
def test_a_database_in_memory_is_refused(url: str) -> None:
    assert "DATABASE_URL names an in-memory database" in refusal(DATABASE_URL=url)


@pytest.mark.parametrize(
    ("name", "written", "expected"),
    [
        ("DATABASE_POOL_SIZE", "five", "is 'five'. Write a whole number, such as 5."),
        ("DATABASE_POOL_SIZE", "-5", "is '-5'. Write a whole number, such as 5."),
        ("DATABASE_POOL_SIZE", "0", "is 0. It must be at least 1;"),
        ("MAX_CONTENT_LENGTH", "1MB", "is '1MB'. Write a whole number, such as 5."),
        ("MAX_CONTENT_LENGTH", "1", "is 1. It must be at least 1024 bytes"),
        ("PASSWORD_MIN_LENGTH", "7", "is 7. Use 8 to 64"),
        ("PASSWORD_MIN_LENGTH", "129", "is 129. Use 8 to 64"),
        ("PAGE_AFTER_SIGN_IN", "account", "is 'account'. Write a path of this site"),
        ("PAGE_AFTER_SIGN_IN", "//evil.example", "Write a path of this site"),
        ("PAGE_AFTER_SIGN_IN", "https://evil.example", "Write a path of this site"),
        ("PAGE_AFTER_SIGN_IN", "/\\evil.example", "Write a path of this site"),
        ("BASE_URL", "example.com", "is 'example.com'. Write only scheme and host"),
        ("BASE_URL", "https://example.com/", "Write only scheme and host"),
        ("BASE_URL", "https://example.com?a", "Write only scheme and host"),
        ("LOG_LEVEL", "loud", "is 'LOUD'. Use DEBUG, INFO, WARNING or ERROR."),
    ],
)
def test_an_invalid_setting_is_named_with_its_fix(name: str, written: str, expected: str) -> None:
    sentence = refusal(**{name: written})
    assert sentence.startswith(f"{name} ")
    assert expected in sentence


@pytest.mark.parametrize(
    ("secret", "expected"),
    [
        ("", "SECRET_KEY is missing"),
        ("   ", "SECRET_KEY is missing"),
        ("secret", "SECRET_KEY has 6 characters and needs 32"),
        ("abc" * 20, "SECRET_KEY repeats a few characters"),
    ],
)
def test_a_weak_secret_is_refused_and_not_printed(secret: str, expected: str) -> None:
    sentence = refusal(SECRET_KEY=secret)
    assert sentence.startswith(expected)
    assert "secrets.token_urlsafe(32)" in sentence
    assert "abcabc" not in sentence


def test_fallback_keys_are_a_list_without_weak_keys() -> None:
    values = {"SECRET_KEY": SECRET, "SECRET_KEY_FALLBACKS": f"{SECRET}1, {SECRET}2,"}
    assert (f"{SECRET}1", f"{SECRET}2") == Config(values).SECRET_KEY_FALLBACKS
    assert refusal(SECRET_KEY=SECRET, SECRET_KEY_FALLBACKS="old").startswith(
        "SECRET_KEY_FALLBACKS has 3 characters"
    )


def test_an_empty_variable_means_the_default() -> None:
    empty = Config(dict.fromkeys(types_of_settings(Config), " "))
    assert vars(empty) == vars(Config({}))


def test_a_log_level_can_be_in_lower_case() -> None:
    assert Config({"LOG_LEVEL": "warning"}).LOG_LEVEL == "WARNING"


def test_other_environment_variables_are_ignored() -> None:
    config = Config({"PATH": "/bin", "SESSION_COOKIE_SECURE": "yes", "COLUMNS": "80"})
    assert not {"PATH", "SESSION_COOKIE_SECURE", "COLUMNS"} & vars(config).keys()


class NotesSettings:
    NOTES_LIMIT: int = 100
    NOTES_LIFETIME: timedelta = timedelta(days=90)
    RULES: ClassVar[Rules] = {"NOTES_LIMIT": (lambda notes: notes >= 1, "It must be at least 1.")}


def test_a_part_declares_settings_of_its_own() -> None:
    config = Config({"NOTES_LIFETIME": "7d", "NOTES_LIMIT": " "}, NotesSettings)
    read = {name: vars(config)[name] for name in types_of_settings(NotesSettings)}
    assert read == {"NOTES_LIMIT": 100, "NOTES_LIFETIME": timedelta(days=7)}
    for written, expected in [
        ("0", "NOTES_LIMIT is 0. It must be at"),
        ("x", "NOTES_LIMIT is 'x'."),
    ]:
        with pytest.raises(SettingRefused, match=expected):
            Config({"NOTES_LIMIT": written}, NotesSettings)


def test_a_site_has_the_settings_of_its_parts() -> None:
    declared = [name for part in declared_settings() for name in types_of_settings(part)]
    assert set(declared) <= create_app({"TESTING": True}).config.keys()


def test_settings_can_be_a_dict(tmp_path: Path) -> None:
    settings = {"TESTING": True, "DATABASE_URL": f"sqlite:///{tmp_path}/a", "APP_NAME": "Shop"}
    app = create_app(settings)
    assert (app.config["APP_NAME"], app.testing) == ("Shop", True)
    assert len(app.config["SECRET_KEY"]) >= 32


def test_an_application_without_a_secret_key_is_refused() -> None:
    with pytest.raises(SettingRefused, match="SECRET_KEY is missing"):
        create_app({"SECRET_KEY": ""})


def test_development_stores_its_generated_key(tmp_path: Path) -> None:
    """Otherwise every restart of the development server would sign all users out."""
    folder = tmp_path / "instance"
    app = Application("app", instance_path=str(folder))
    first = development_key(app)
    assert len(first) >= 32
    assert development_key(app) == first
    assert (folder / "secret-key").stat().st_mode & 0o777 == 0o600
    (folder / "secret-key").write_text("")
    assert len(development_key(app)) >= 32
