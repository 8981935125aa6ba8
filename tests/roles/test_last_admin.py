"""The last admin stays: no revocation, no closed account and no race removes it (P4)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import sleep

import pytest

from app.accounts.deletion_request import delete_account
from app.application import Application
from app.clock import now
from app.database import db
from app.roles.granting import grant_role, revoke_role
from app.roles.last_admin import LastAdmin
from app.unit_of_work import unit_of_work
from app.users.accounts import disable_user, is_usable, lock_user
from app.users.models import User
from tests.conftest import signed_in
from tests.races import LOCK_WAIT
from tests.roles.conftest import Give

RolesOf = Callable[[User], set[str]]
Remove = Callable[[User], object]


def revoke(user: User) -> None:
    revoke_role(None, user, "admin")


def limit(user: User) -> None:
    grant_role(None, user, "admin", expires_at=now() + timedelta(days=1))


WAYS: dict[str, Remove] = {
    "revoke": revoke,
    "limit": limit,
    "disable": disable_user,
    "delete": delete_account,
}
each_way = pytest.mark.parametrize("remove", WAYS.values(), ids=WAYS)


def remove_in_a_unit(app: Application, user: User, remove: Remove) -> None:
    with app.app_context(), unit_of_work():
        loaded = db.session.get_one(User, user.id)
        lock_user(loaded)
        remove(loaded)


def is_admin(app: Application, user: User, roles_of: RolesOf) -> bool:
    with app.app_context():
        return "admin" in roles_of(user) and is_usable(user)


@each_way
def test_the_last_admin_cannot_be_removed(
    app: Application, admin: User, roles_of: RolesOf, remove: Remove
) -> None:
    with pytest.raises(LastAdmin, match="This is the last admin"):
        remove_in_a_unit(app, admin, remove)
    assert is_admin(app, admin, roles_of)


@each_way
def test_an_admin_can_be_removed_if_there_is_another(
    app: Application, admin: User, alice: User, give: Give, remove: Remove
) -> None:
    give(alice, "admin")
    remove_in_a_unit(app, admin, remove)
    with pytest.raises(LastAdmin):
        remove_in_a_unit(app, alice, remove)


@each_way
def test_other_users_can_be_removed(app: Application, alice: User, remove: Remove) -> None:
    remove_in_a_unit(app, alice, remove)


def test_an_admin_whose_role_ends_by_itself_is_not_another(
    app: Application, admin: User, alice: User, give: Give
) -> None:
    give(alice, "admin", now() + timedelta(days=1))
    with pytest.raises(LastAdmin):
        remove_in_a_unit(app, admin, revoke)
    remove_in_a_unit(app, alice, revoke)


@pytest.mark.parametrize("second", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("first", WAYS.values(), ids=WAYS)
def test_of_two_admins_removed_at_once_one_stays(
    app: Application, admin: User, alice: User, give: Give, first: Remove, second: Remove
) -> None:
    give(alice, "admin")
    with ThreadPoolExecutor(1) as other:
        with app.app_context(), unit_of_work():
            loaded = db.session.get_one(User, admin.id)
            lock_user(loaded)
            first(loaded)
            db.session.flush()
            waiting = other.submit(remove_in_a_unit, app, alice, second)
            sleep(LOCK_WAIT)
            assert not waiting.done(), "it waits for the lock"
        with pytest.raises(LastAdmin):
            waiting.result()


def test_the_page_says_why_the_account_of_the_last_admin_is_not_deleted(
    app: Application, admin: User, roles_of: RolesOf
) -> None:
    browser = signed_in(app, admin)
    response = browser.submit("/account/delete")
    assert response.status_code == 422
    assert "This is the last admin. Make another user an admin first." in response.text
    assert browser.is_signed_in
    assert is_admin(app, admin, roles_of)
