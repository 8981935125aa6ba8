"""A request runs through few files and functions, so that a reader can follow it.

A number may grow only with a reason. `python -m tests.framework.call_paths -v` prints the list.
"""

from collections.abc import Callable

from app.application import Application
from app.users.models import User
from tests.databases import on_sqlite
from tests.framework.call_paths import (
    Function,
    called_by_any_request,
    called_by_sign_in,
    known_device,
    listing,
)
from tests.stores import with_signed_cookies

pytestmark = on_sqlite
MakeApp = Callable[..., Application]


def assert_at_most(files: int, functions: int, were_called: set[Function]) -> None:
    assert len(were_called) <= functions, listing(were_called)
    assert len({file for file, _ in were_called}) <= files, listing(were_called)


def test_any_request_runs_through_few_files(make_app: MakeApp) -> None:
    assert_at_most(19, 47, called_by_any_request(with_signed_cookies(make_app())))


def test_a_sign_in_runs_through_few_files(make_app: MakeApp, alice: User) -> None:
    client = known_device(with_signed_cookies(make_app()), alice.email)
    assert_at_most(49, 185, called_by_sign_in(client, alice.email))
