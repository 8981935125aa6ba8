"""S12: a change of a factor voids the requests that other logins of the account have made."""

from collections.abc import Callable

import pytest

from app.application import Application
from app.database import db
from app.two_factor.factors import record_factor_removed, reset_factors
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.client import Client
from tests.conftest import signed_in
from tests.two_factor.phones import set_up

Link = Callable[[str], str]
NEW = "mallory@new.example"


@pytest.fixture
def as_mallory(app: Application, alice: User) -> Client:
    """The client of an attacker with a login of Alice, who has requested a change of address."""
    mallory = signed_in(app, alice)
    assert mallory.submit("/account/email", email=NEW).status_code == 303
    return mallory


def add_factor(app: Application, alice: User) -> None:
    set_up(signed_in(app, alice))


def remove_factor(app: Application, alice: User) -> None:
    with app.app_context(), unit_of_work():
        record_factor_removed(db.session.get_one(User, alice.id), "authenticator")


def remove_factors(app: Application, alice: User) -> None:
    with app.app_context(), unit_of_work():
        reset_factors(db.session.get_one(User, alice.id))


@pytest.mark.parametrize("act", [add_factor, remove_factor, remove_factors])
def test_h5_an_attackers_request_is_void_once_alice_has_changed_a_factor(
    act: Callable[[Application, User], None],
    app: Application,
    alice: User,
    as_mallory: Client,
    link: Link,
) -> None:
    change = link(NEW)
    act(app, alice)
    as_mallory.page(change, 410)


def test_h5_a_request_of_a_copied_login_is_void_after_it_adds_a_factor(
    as_mallory: Client, link: Link
) -> None:
    """Mallory's client adds it: it has the same cookie as Alice's."""
    change = link(NEW)
    set_up(as_mallory)
    as_mallory.page(change, 410)
