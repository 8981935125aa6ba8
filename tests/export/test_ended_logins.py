"""S12: an export is void once the login that requested it has ended."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.application import Application
from app.database import db
from app.export.archive import make_export
from app.export.models import Export
from app.mail.models import Message
from app.sessions.logins import end_logins
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, signed_in

Mailed = Callable[[str], list[Message]]


@pytest.fixture
def as_mallory(app: Application, alice: User) -> Client:
    """The client of an attacker with a login of Alice, who has requested an export."""
    mallory = signed_in(app, alice)
    assert mallory.submit("/account/export").status_code == 303
    return mallory


def exports(app: Application) -> int:
    with app.app_context():
        return len(db.session.scalars(select(Export)).all())


def end_others(client: Client) -> None:
    client.post("/devices/end-others", data={"csrf_token": client.csrf_token("/devices")})


def test_s12_an_export_is_void_once_its_login_has_ended(
    app: Application, alice: User, as_mallory: Client
) -> None:
    end_others(signed_in(app, alice))
    assert exports(app) == 0


def test_s12_an_export_is_void_after_a_copied_login_changes_the_password(
    app: Application, as_mallory: Client
) -> None:
    """The copy has the same cookie as Alice's own browser."""
    fields = {"current_password": PASSWORD, "password": "seven quiet otters juggle"}
    assert as_mallory.submit("/account/password", **fields).status_code == 303
    assert exports(app) == 0


def test_s12_signing_out_keeps_the_export(as_mallory: Client, app: Application) -> None:
    as_mallory.sign_out()
    assert exports(app) == 1


def test_s12_ending_other_devices_keeps_the_export_of_this_one(
    app: Application, alice: User
) -> None:
    here = signed_in(app, alice)
    here.submit("/account/export")
    signed_in(app, alice)
    end_others(here)
    assert exports(app) == 1


def test_s12_disabling_the_account_voids_its_exports(
    app: Application, alice: User, as_mallory: Client
) -> None:
    with app.app_context(), unit_of_work():
        end_logins(db.session.get_one(User, alice.id))
    assert exports(app) == 0


def test_s12_a_late_job_creates_no_file_for_a_void_request(
    app: Application, alice: User, as_mallory: Client, mailed: Mailed
) -> None:
    with app.app_context():
        export_id = db.session.scalars(select(Export.id)).one()
    end_others(signed_in(app, alice))
    with app.app_context(), unit_of_work():
        make_export(export_id)
    assert "Your data is ready" not in [mail.subject for mail in mailed(alice.email)]


def test_an_attackers_export_does_not_delay_alices(
    app: Application, alice: User, as_mallory: Client
) -> None:
    here = signed_in(app, alice)
    here.submit("/account/export")
    end_others(here)
    assert exports(app) == 1
