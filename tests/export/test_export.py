"""Exporting all data about a user."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.application import Application
from app.audit.actions import Action
from app.audit.models import SecurityEvent
from app.database import Model, db
from app.export.archive import make_export, models_about_users
from app.export.models import Export
from app.mail.models import Message
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.client import Client
from tests.conftest import Clock, signed_in
from tests.framework.starter import is_products_module

Mailed = Callable[[str], list[Message]]


def work(app: Application) -> None:
    """Run the export jobs, as a worker would."""
    with app.app_context(), unit_of_work():
        for export in db.session.scalars(select(Export)):
            make_export(export.id)


def test_alice_downloads_her_data(app: Application, as_alice: Client) -> None:
    as_alice.submit("/account/export")
    work(app)
    response = as_alice.get("/account/export/file")
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert json.loads(response.data)["user"]["email"] == "alice@example.com"


def test_the_page_shows_the_state_of_the_export(app: Application, as_alice: Client) -> None:
    assert "Request a copy" in as_alice.page("/account/export").text
    as_alice.submit("/account/export")
    assert "preparing your data" in as_alice.page("/account/export").text
    work(app)
    assert "Download" in as_alice.page("/account/export").text


def test_an_email_says_when_the_export_is_ready(
    app: Application, as_alice: Client, mailed: Mailed
) -> None:
    as_alice.submit("/account/export")
    work(app)
    assert mailed("alice@example.com")[-1].subject == "Your data is ready"


def test_the_export_contains_no_secrets(app: Application, as_alice: Client) -> None:
    as_alice.submit("/account/export")
    work(app)
    text = as_alice.get("/account/export/file").text
    assert "argon2" not in text
    assert "digest" not in text


def test_the_export_does_not_identify_staff(
    app: Application, alice: User, bob: User, as_alice: Client
) -> None:
    with app.app_context(), unit_of_work():
        by_bob = SecurityEvent(
            user_id=alice.id,
            action=Action.PASSWORD_CHANGED,
            by_staff=True,
            actor_id=bob.id,
            details={},
        )
        db.session.add(by_bob)
    as_alice.submit("/account/export")
    work(app)
    events = json.loads(as_alice.get("/account/export/file").data)["security_events"]
    [event] = [event for event in events if event["by_staff"]]
    assert event["action"] == "password.changed"
    assert "actor_id" not in event


def test_bob_cannot_download_alices_export(
    app: Application, as_alice: Client, as_bob: Client
) -> None:
    as_alice.submit("/account/export")
    work(app)
    assert as_bob.get("/account/export/file").status_code == 404


def test_the_export_expires_after_two_days(
    app: Application, alice: User, as_alice: Client, clock: Clock
) -> None:
    as_alice.submit("/account/export")
    work(app)
    clock.forward(days=2, seconds=1)
    assert signed_in(app, alice).get("/account/export/file").status_code == 404


def test_the_export_contains_every_table_about_users() -> None:
    """A table whose foreign key to users has another name than user_id would be left out."""
    about = {kind.__tablename__ for kind in models_about_users()}
    pointing = {
        table.name
        for table in Model.metadata.tables.values()
        if any(key.column.table.name == "users" for key in table.foreign_keys)
    }
    left_out = pointing - about - {"exports"}
    starters = {
        mapper.local_table.name
        for mapper in Model.registry.mappers
        if not is_products_module(mapper.class_.__module__)
    }
    assert not left_out & starters
    assert {"preferences", "login_sessions", "security_events"} < about
    if left_out:
        pytest.skip(f"Not in the export: {left_out}. Name the column user_id.")
