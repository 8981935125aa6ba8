"""Concurrent responses: one of them counts."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from app.application import Application
from app.users.models import User
from tests.client import Client
from tests.conftest import visitor
from tests.passkeys.authenticator import Authenticator
from tests.passkeys.conftest import copied, events, options, passkeys, store_passkey

COPIES = 5


def send_at_once(browsers: list[Client], path: str, credentials: list[str], **fields: str) -> int:
    """Send the responses from these browsers at the same time; return how many succeeded."""
    tokens = [browser.csrf_token("/preferences") for browser in browsers]
    together = Barrier(len(browsers))

    def send(browser: Client, token: str, credential: str) -> bool:
        together.wait(timeout=20)
        sent = {"csrf_token": token, "credential": credential, **fields}
        return browser.post(path, data=sent).status_code == 303

    with ThreadPoolExecutor(len(browsers)) as threads:
        return sum(threads.map(send, browsers, tokens, credentials))


def test_concurrent_uses_of_one_response_sign_in_once(
    app: Application, alice: User, security_key: Authenticator
) -> None:
    store_passkey(app, alice, security_key)
    client = visitor(app)
    credential = security_key.use(options(client, "/login/passkey"))
    browsers = [copied(app, client) for _ in range(COPIES)]
    assert send_at_once(browsers, "/login/passkey", [credential] * COPIES) == 1
    assert sum(browser.is_signed_in for browser in browsers) == 1
    assert passkeys(app)[0].sign_count == 1
    assert "passkey.copied" not in events(app, alice)


def test_of_concurrent_copies_one_signs_in(
    app: Application, alice: User, security_key: Authenticator
) -> None:
    store_passkey(app, alice, security_key)
    browsers = [visitor(app) for _ in range(COPIES)]
    credentials = []
    for browser in browsers:
        security_key.keys[0].count = 0
        credentials.append(security_key.use(options(browser, "/login/passkey")))
    assert send_at_once(browsers, "/login/passkey", credentials) == 1
    assert "passkey.copied" in events(app, alice)


def test_concurrent_responses_to_one_challenge_sign_in_once(
    app: Application, alice: User, bob: User, phone: Authenticator
) -> None:
    bobs = Authenticator()
    store_passkey(app, alice, phone)
    store_passkey(app, bob, bobs)
    client = visitor(app)
    received = options(client, "/login/passkey")
    credentials = [phone.use(received), bobs.use(received)]
    browsers = [copied(app, client) for _ in credentials]
    assert send_at_once(browsers, "/login/passkey", credentials) == 1


def test_a_passkey_sent_many_times_is_stored_once(
    app: Application, as_alice: Client, phone: Authenticator
) -> None:
    made = phone.make(options(as_alice, "/passkeys/new"))
    browsers = [copied(app, as_alice) for _ in range(COPIES)]
    assert send_at_once(browsers, "/passkeys", [made] * COPIES, name="Phone") == 1
    assert len(passkeys(app)) == 1
