"""Users with passkeys, on a site with a host name, and their steps on its pages."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.application import Application
from app.audit.models import SecurityEvent
from app.database import db
from app.passkeys.models import Passkey
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.client import Client
from tests.conftest import assert_pool_is_whole, dispose, new_app, visitor
from tests.passkeys.authenticator import ORIGIN, Authenticator, Key

ALICE = "alice@example.com"
AS_JSON = {"Accept": "application/json"}


@pytest.fixture(scope="session")
def site_with_host_name(database_url: str) -> Iterator[Application]:
    """Browsers refuse passkeys for IP addresses such as 127.0.0.1."""
    application = new_app(DATABASE_URL=database_url, BASE_URL=ORIGIN)
    yield application
    dispose(application)


@pytest.fixture
def app(clean_database: str, site_with_host_name: Application) -> Iterator[Application]:
    yield site_with_host_name
    assert_pool_is_whole(site_with_host_name)


@pytest.fixture
def phone() -> Authenticator:
    return Authenticator()


@pytest.fixture
def security_key() -> Authenticator:
    """Alice's security key, which has a signature counter."""
    return Authenticator(may_be_copied=False, counts=True)


@pytest.fixture
def alices_passkey(app: Application, alice: User, phone: Authenticator) -> None:
    store_passkey(app, alice, phone)


def store_passkey(
    app: Application, user: User, device: Authenticator, name: str = "Phone"
) -> None:
    """Store a passkey of the user for this device, as if it had been added before."""
    key = device.new_key("localhost", user.email.encode())
    device.keys.append(key)
    with app.app_context(), unit_of_work():
        db.session.add(
            Passkey(
                user_id=user.id,
                credential_id=key.id,
                public_key=key.public(),
                user_handle=key.user_handle,
                sign_count=key.count,
                backup_eligible=device.may_be_copied,
                backed_up=device.is_copied,
                transports="hybrid internal",
                name=name,
            )
        )


def options(client: Client, path: str) -> dict[str, Any]:
    """Return the options that the script of a page gets."""
    response = client.get(path, headers=AS_JSON)
    assert response.status_code == 200, response.status
    parsed: dict[str, Any] = response.json
    return parsed


def add(
    client: Client, device: Authenticator, name: str = "Phone", **altered: Any
) -> TestResponse:
    made = device.make({**options(client, "/passkeys/new"), **altered})
    return client.submit("/passkeys", name=name, credential=made)


def use(
    client: Client,
    device: Authenticator,
    path: str = "/login/passkey",
    *,
    key: Key | None = None,
    **fields: Any,
) -> TestResponse:
    """Use a passkey on the page whose form posts to this path."""
    return send(client, device.use(options(client, path), key), path, **fields)


def send(
    client: Client, credential: str, path: str = "/login/passkey", **fields: Any
) -> TestResponse:
    page = path.removesuffix("/passkey")
    token = client.csrf_token(page)
    return client.post(path, data={"csrf_token": token, "credential": credential, **fields})


def copied(app: Application, client: Client) -> Client:
    """Return another browser with a copy of the session cookie."""
    copy = visitor(app)
    cookie = client.get_cookie("session")
    assert cookie is not None
    copy.set_cookie("session", cookie.value)
    return copy


def passkeys(app: Application) -> list[Passkey]:
    with app.app_context():
        return list(db.session.scalars(select(Passkey).order_by(Passkey.id)))


def events(app: Application, user: User) -> list[str]:
    """Return the actions in the user's audit trail, oldest first."""
    own = select(SecurityEvent).where(SecurityEvent.user_id == user.id)
    with app.app_context():
        return [event.action for event in db.session.scalars(own.order_by(SecurityEvent.id))]


def remove(client: Client, passkey_id: int) -> TestResponse:
    token = client.csrf_token("/account")
    return client.post(f"/passkeys/{passkey_id}/remove", data={"csrf_token": token})


def remove_password(client: Client) -> TestResponse:
    token = client.csrf_token("/account")
    return client.post("/passkeys/password/remove", data={"csrf_token": token})


def password_hash(app: Application) -> str | None:
    """Return the password hash of Alice, or None if she has no password."""
    own = select(User.password_hash).where(User.email == ALICE)
    with app.app_context():
        return db.session.scalars(own).one()
