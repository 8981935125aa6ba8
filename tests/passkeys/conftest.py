"""People with devices that keep passkeys, on a site that has a name."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from app import create_app
from app.application import Application
from app.audit.models import SecurityEvent
from app.database import db
from app.passkeys.models import Passkey
from app.users.models import User
from tests.client import Client
from tests.conftest import SETTINGS, assert_pool_is_whole, dispose, visitor
from tests.passkeys.authenticator import ORIGIN, Authenticator, Key

AS_JSON = {"Accept": "application/json"}


@pytest.fixture(scope="session")
def site_with_a_name(database_url: str) -> Iterator[Application]:
    """Browsers bind no passkey to a number such as 127.0.0.1."""
    application = create_app({**SETTINGS, "DATABASE_URL": database_url, "BASE_URL": ORIGIN})
    application.test_client_class = Client
    yield application
    dispose(application)


@pytest.fixture
def app(clean_database: str, site_with_a_name: Application) -> Iterator[Application]:
    yield site_with_a_name
    assert_pool_is_whole(site_with_a_name)


@pytest.fixture
def phone() -> Authenticator:
    return Authenticator()


@pytest.fixture
def security_key() -> Authenticator:
    """A key on Alice's ring, which counts how often it signs."""
    return Authenticator(may_be_copied=False, counts=True)


@pytest.fixture
def alice_has_one(as_alice: Client, phone: Authenticator) -> None:
    assert add(as_alice, phone).status_code == 303


def options(client: Client, path: str) -> dict[str, Any]:
    """Return what a page's script is told to ask the browser for."""
    response = client.get(path, headers=AS_JSON)
    assert response.status_code == 200, response.status
    told: dict[str, Any] = response.json
    return told


def add(client: Client, device: Authenticator, name: str = "Phone", **lies: Any) -> TestResponse:
    made = device.make({**options(client, "/passkeys/new"), **lies})
    return client.submit("/passkeys", name=name, credential=made)


def use(
    client: Client,
    device: Authenticator,
    path: str = "/login/passkey",
    *,
    key: Key | None = None,
    **fields: Any,
) -> TestResponse:
    """Answer with a passkey from the page whose form leads to this path."""
    return send(client, device.use(options(client, path), key), path, **fields)


def send(client: Client, answer: str, path: str = "/login/passkey", **fields: Any) -> TestResponse:
    page = path.removesuffix("/passkey")
    token = client.csrf_token(page)
    return client.post(path, data={"csrf_token": token, "credential": answer, **fields})


def copied(app: Application, client: Client) -> Client:
    """Return a browser into which the cookie of this one was copied."""
    copy = visitor(app)
    cookie = client.get_cookie("session")
    assert cookie is not None
    copy.set_cookie("session", cookie.value)
    return copy


def is_signed_in(client: Client) -> bool:
    return client.get("/account").status_code == 200


def passkeys(app: Application) -> list[Passkey]:
    with app.app_context():
        return list(db.session.scalars(select(Passkey).order_by(Passkey.id)))


def events(app: Application, user: User) -> list[str]:
    """Return what was recorded about somebody, oldest first."""
    own = select(SecurityEvent).where(SecurityEvent.user_id == user.id)
    with app.app_context():
        return [event.action for event in db.session.scalars(own.order_by(SecurityEvent.id))]
