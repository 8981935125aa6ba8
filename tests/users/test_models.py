"""The constraints of the users table, and the methods of a user."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError

from app.application import Application
from app.database import db
from app.unit_of_work import unit_of_work
from app.users.models import User, normalize_email


def add(app: Application, email: str) -> None:
    with app.app_context(), unit_of_work():
        db.session.add(User(email=email))


def test_the_database_rejects_a_second_user_with_the_same_email(
    app: Application, alice: User
) -> None:
    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        add(app, "alice@example.com")


def test_the_database_rejects_an_email_with_uppercase_letters(
    app: Application, alice: User
) -> None:
    with pytest.raises(IntegrityError, match="ck_users_email_is_lower_case"):
        add(app, "Alice@Example.com")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Alice@Example.COM", "alice@example.com"),
        ("  alice@example.com\n", "alice@example.com"),
        ("JOSÉ@example.com", "josé@example.com"),
        ("jose\u0301@example.com", "josé@example.com"),
        ("alice@xn--bcher-kva.com", "alice@bücher.com"),
        ("Alice@XN--BCHER-KVA.com", "alice@bücher.com"),
        ("alice@BÜCHER.com", "alice@bücher.com"),
        ("alice@bu\u0308cher.com", "alice@bücher.com"),
        ("alice@bücher。com", "alice@bücher.com"),
        ("alice@\uff45xample.com", "alice@example.com"),
        ("alice@straße.de", "alice@straße.de"),
        ("alice@xn--nothing-.com", "alice@xn--nothing-.com"),
        ("Alice", "alice"),
    ],
)
def test_an_email_address_has_one_stored_form(typed: str, kept: str) -> None:
    assert normalize_email(typed) == kept
    assert normalize_email(kept) == kept


def test_the_name_of_a_user_defaults_to_the_local_part_of_the_email() -> None:
    assert User(email="alice@example.com", display_name="Alice").name == "Alice"
    assert User(email="alice@example.com", display_name="").name == "alice"


def test_a_disabled_user_is_not_active() -> None:
    assert User().is_active
    assert not User(disabled_at=datetime(2026, 1, 1, tzinfo=UTC)).is_active


def test_a_user_without_a_login_has_no_token(alice: User) -> None:
    """Flask-Login writes get_id() into cookies; a user id there would never expire."""
    assert alice.get_id() == ""


def test_the_table_never_grows() -> None:
    columns = {column.key for column in inspect(User).columns}
    assert columns == {
        "id",
        "email",
        "password_hash",
        "display_name",
        "created_at",
        "disabled_at",
    }, "Store data of a feature in a table of its own, with a foreign key to users."
