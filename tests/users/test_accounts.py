"""Find, create, disable and list users."""

from collections.abc import Iterator

import pytest
from sqlalchemy import delete

from app.application import Application
from app.clock import now
from app.database import db
from app.unit_of_work import unit_of_work
from app.users.accounts import (
    EmailTaken,
    InvalidEmail,
    create_user,
    disable_user,
    enable_user,
    find_user,
    has_users,
    is_usable,
    list_users,
)
from app.users.models import User
from app.users.scheduled_deletions import Deletion, cancel_deletion


@pytest.fixture
def unit(app: Application) -> Iterator[None]:
    with app.app_context(), unit_of_work():
        yield


@pytest.mark.usefixtures("unit")
def test_there_are_no_users_until_one_is_created() -> None:
    assert not has_users()
    create_user("charlie@example.com", "correct horse battery staple")
    assert has_users()


@pytest.mark.usefixtures("unit")
def test_a_user_is_found_by_any_spelling_of_the_email_address(alice: User) -> None:
    for typed in ["alice@example.com", "ALICE@example.com", " Alice@Example.com "]:
        found = find_user(typed)
        assert found is not None
        assert found.id == alice.id
    assert find_user("bob@example.com") is None


@pytest.mark.usefixtures("unit", "alice")
def test_an_email_address_has_one_account_in_any_case() -> None:
    with pytest.raises(EmailTaken):
        create_user("Alice@Example.com", "correct horse battery staple")


@pytest.mark.usefixtures("unit")
@pytest.mark.parametrize(
    "address",
    ["", "alice", "alice@", "@example.com", "alice@example", "a b@example.com", "a@b@c.de"],
)
def test_an_invalid_email_address_is_rejected(address: str) -> None:
    with pytest.raises(InvalidEmail):
        create_user(address, "correct horse battery staple")


@pytest.mark.usefixtures("unit")
@pytest.mark.parametrize("typed", ["alice@bücher.com", "Alice@XN--BCHER-KVA.com"])
def test_a_mailbox_has_one_account_for_all_forms_of_its_domain(typed: str) -> None:
    kept = create_user(typed, "correct horse battery staple")
    for other in ["alice@bücher.com", "alice@xn--bcher-kva.com", "alice@Bücher.com"]:
        assert find_user(other) is kept
        with pytest.raises(EmailTaken):
            create_user(other, "correct horse battery staple")
    assert find_user("alice@buecher.com") is None


@pytest.mark.usefixtures("unit")
def test_a_text_longer_than_any_email_address_matches_no_user(alice: User) -> None:
    assert find_user("alice@example.com" + "m" * 1_000) is None


@pytest.mark.usefixtures("unit")
def test_the_password_itself_is_not_stored() -> None:
    charlie = create_user("charlie@example.com", "correct horse battery staple")
    assert charlie.password_hash is not None
    assert charlie.password_hash.startswith("$argon2id$")
    assert "horse" not in repr(vars(charlie))


@pytest.mark.usefixtures("unit")
def test_a_user_is_disabled_and_enabled(alice: User) -> None:
    disable_user(alice)
    assert not alice.is_active
    enable_user(alice)
    assert alice.is_active


@pytest.mark.usefixtures("unit")
def test_an_account_is_usable_unless_it_is_disabled_or_to_be_deleted(alice: User) -> None:
    user = db.session.get_one(User, alice.id)
    assert is_usable(user)
    disable_user(user)
    assert not is_usable(user)
    enable_user(user)
    db.session.add(Deletion(user_id=user.id, due_at=now()))
    assert not is_usable(user)
    cancel_deletion(user)
    assert is_usable(user)


@pytest.mark.usefixtures("unit")
def test_a_deleted_account_is_not_usable(alice: User) -> None:
    db.session.execute(delete(User).where(User.id == alice.id))
    assert not is_usable(alice)


@pytest.mark.usefixtures("unit")
def test_users_are_listed_oldest_account_first(bob: User, alice: User) -> None:
    assert [user.email for user in list_users()] == [bob.email, alice.email]
