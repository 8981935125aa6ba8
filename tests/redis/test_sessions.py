"""S9: with SESSION_STORE=redis the cookie is a random id, and every other promise still holds."""

import re
import socket
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Blueprint
from flask import session as cookie
from redis import Redis
from sqlalchemy import text

from app.application import Application
from app.crypto.encryption import DecryptionFailed, decrypt
from app.crypto.tokens import digest
from app.database import db
from app.redis.sessions import PURPOSE
from app.sessions.current import sign_in, sign_out
from app.sessions.guards import public
from app.unit_of_work import commit_later
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, SETTINGS, Clock, visitor
from tests.cut_connection import Proxy
from tests.emailed_links import PASSPHRASE

MakeApp = Callable[..., Application]
NEW_KEY = "a new key for the tests, fedcba9876543210"


@pytest.fixture
def redis(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as connection:
        yield connection


@pytest.fixture
def on_redis(make_app: MakeApp, redis_url: str) -> Callable[..., Client]:
    """Create a client of an app with sessions in Redis: on_redis(views, SETTING=…)."""

    def make(*views: Blueprint, **settings: Any) -> Client:
        defaults = {
            "SESSION_STORE": "redis",
            "REDIS_URL": redis_url,
            "PROPAGATE_EXCEPTIONS": False,
        }
        return visitor(make_app(*views, **defaults | settings))

    return make


def key_of(client: Client) -> str:
    held = client.get_cookie("session")
    assert held is not None
    return f"session:{digest(held.value).hex()}"


def test_s9_the_cookie_is_an_id_and_redis_has_only_its_digest(
    on_redis: Callable[..., Client], redis: Redis, alice: User
) -> None:
    client = on_redis()
    client.sign_in("alice@example.com")
    held = client.get_cookie("session")
    assert held is not None
    assert len(held.value) == 43
    assert redis.exists(key_of(client))
    assert held.value.encode() not in b" ".join(everything_in(redis))


def everything_in(redis: Redis) -> list[bytes]:
    """Return every key and every value in Redis."""
    keys = list(redis.scan_iter())
    values = [redis.get(key) for key in keys if redis.type(key) == b"string"]
    return [*keys, *(value for value in values if value is not None)]


def replayable(kept: list[bytes]) -> set[str]:
    """Return all values, and their parts, that could be sent as a cookie."""
    pieces = [piece for value in kept for piece in re.findall(rb"[\w.=-]{16,}", value)]
    return {text.decode("latin-1") for text in [*kept, *pieces]}


def test_s9_nothing_readable_in_redis_signs_a_user_in(
    on_redis: Callable[..., Client], redis: Redis, alice: User
) -> None:
    client = on_redis()
    client.sign_in(alice.email, remember=True)
    assert client.is_signed_in
    with client.session_transaction() as values:
        secrets = [values["_user_id"], values["csrf_token"]]
    kept = everything_in(redis)
    assert not [secret for secret in secrets if secret.encode() in b" ".join(kept)]
    for piece in replayable(kept):
        for name in ("session", "remember_token"):
            thief = visitor(client.application)
            thief.set_cookie(name, piece)
            assert not thief.is_signed_in, f"{name}={piece}"
    assert client.is_signed_in


def test_s9_a_session_copied_to_another_id_is_void(
    on_redis: Callable[..., Client], redis: Redis, alice: User
) -> None:
    client = on_redis()
    client.sign_in("alice@example.com")
    thief = visitor(client.application)
    thief.submit("/preferences", theme="dark")
    redis.set(key_of(thief), redis.get(key_of(client)), ex=60)
    assert not thief.is_signed_in


def test_s9_the_secret_key_does_not_decrypt_a_session_without_its_id(
    on_redis: Callable[..., Client], redis: Redis, alice: User
) -> None:
    client = on_redis()
    client.sign_in("alice@example.com")
    key = key_of(client)
    with client.application.app_context():
        for guess in ["", key, key.removeprefix("session:")]:
            with pytest.raises(DecryptionFailed):
                decrypt(redis.get(key), about=PURPOSE, token=guess)


def test_s7_with_the_previous_key_as_fallback_a_session_in_redis_is_valid(
    on_redis: Callable[..., Client], alice: User
) -> None:
    client = on_redis()
    client.sign_in("alice@example.com")
    rotated = on_redis(SECRET_KEY=NEW_KEY, SECRET_KEY_FALLBACKS=(SETTINGS["SECRET_KEY"],))
    give_session(client, rotated)
    assert rotated.is_signed_in


def test_s7_without_the_previous_key_a_session_in_redis_is_void(
    on_redis: Callable[..., Client], alice: User
) -> None:
    client = on_redis()
    client.sign_in("alice@example.com")
    forgotten = on_redis(SECRET_KEY=NEW_KEY)
    give_session(client, forgotten)
    assert not forgotten.is_signed_in


def test_s7_new_sessions_in_redis_need_only_the_new_key(
    on_redis: Callable[..., Client], alice: User
) -> None:
    client = on_redis()
    client.sign_in("alice@example.com")
    rotated = on_redis(SECRET_KEY=NEW_KEY, SECRET_KEY_FALLBACKS=(SETTINGS["SECRET_KEY"],))
    give_session(client, rotated)
    rotated.submit("/preferences", theme="dark")
    forgotten = on_redis(SECRET_KEY=NEW_KEY)
    give_session(rotated, forgotten)
    assert forgotten.is_signed_in


def give_session(client: Client, other: Client) -> None:
    held = client.get_cookie("session")
    assert held is not None
    other.set_cookie("session", held.value)


def test_s9_every_sign_in_has_a_new_id_and_deletes_the_old_one(
    on_redis: Callable[..., Client], redis: Redis, alice: User
) -> None:
    client = on_redis()
    keys = []
    for _ in range(3):
        token = client.csrf_token("/preferences")
        keys.append(key_of(client))
        fields = {"email": alice.email, "password": PASSWORD, "csrf_token": token}
        assert client.post("/login", data=fields).status_code == 303
    keys.append(key_of(client))
    assert len(set(keys)) == 4
    assert [redis.exists(key) for key in keys] == [0, 0, 0, 1]


def test_s9_signing_out_and_resuming_have_a_new_id_too(
    on_redis: Callable[..., Client], redis: Redis, alice: User
) -> None:
    client = on_redis()
    client.sign_in(alice.email, remember=True)
    before = key_of(client)
    with client.session_transaction() as values:
        del values["_user_id"]
    assert client.is_signed_in
    resumed = key_of(client)
    client.sign_out()
    assert len({before, resumed, key_of(client)}) == 3
    assert redis.exists(before, resumed) == 0


def test_s9_a_session_id_set_by_an_attacker_is_never_used(
    on_redis: Callable[..., Client], redis: Redis, alice: User
) -> None:
    client = on_redis()
    client.set_cookie("session", "set-by-an-attacker")
    planted = key_of(client)
    client.get("/login")
    assert key_of(client) != planted
    client.sign_in("alice@example.com")
    assert not redis.exists(planted)


@pytest.mark.parametrize("garbage", [b"\x80\x04]\x94.", b"[1, 2", b"7", b'["a"]', b"\xff"])
def test_s9_an_unreadable_session_is_empty_and_no_error(
    on_redis: Callable[..., Client], redis: Redis, alice: User, garbage: bytes
) -> None:
    client = on_redis()
    client.sign_in("alice@example.com")
    redis.set(key_of(client), garbage, ex=60)
    assert client.get("/").status_code == 200
    assert client.get("/account").status_code == 303
    client.sign_in("alice@example.com")


def test_s9_every_key_in_redis_expires(
    on_redis: Callable[..., Client], redis: Redis, alice: User
) -> None:
    client = on_redis()
    client.submit("/preferences", theme="dark")
    assert 0 < redis.ttl(key_of(client)) <= 365 * 24 * 3600
    client.sign_in("alice@example.com")
    assert 0 < redis.ttl(key_of(client)) <= 24 * 3600


def test_s9_the_login_session_row_decides_with_redis_too(
    on_redis: Callable[..., Client], alice: User, clock: Clock
) -> None:
    client = on_redis()
    client.sign_in("alice@example.com")
    clock.forward(hours=1)
    assert not client.is_signed_in


# --- R6: a failed request leaves no change, in Redis either


def failing_views(alice: User) -> Blueprint:
    views = Blueprint("views", __name__)

    def sign_in_alice() -> None:
        sign_in(db.session.get_one(User, alice.id), remembered=True)

    changes = {"sign-in": sign_in_alice, "sign-out": sign_out, "clear": lambda: cookie.clear()}
    for name, change in changes.items():
        views.add_url_rule(
            f"/{name}/raise", f"{name}-raise", public(raising(change)), methods=["POST"]
        )
        views.add_url_rule(
            f"/{name}/refused", f"{name}-refused", public(refused(change)), methods=["POST"]
        )
    return views


def raising(change: Callable[[], None]) -> Callable[[], str]:
    def view() -> str:
        cookie["changed"] = True
        change()
        commit_later()
        raise ZeroDivisionError

    return view


def refused(change: Callable[[], None]) -> Callable[[], str]:
    def view() -> str:
        cookie["changed"] = True
        change()
        commit_later()
        refuse_commit()
        return "done"

    return view


def refuse_commit() -> None:
    """Make the commit itself fail, by a deferred constraint."""
    db.session.execute(
        text(
            "CREATE TEMPORARY TABLE refused (id INTEGER PRIMARY KEY, other INTEGER "
            "REFERENCES refused (id) DEFERRABLE INITIALLY DEFERRED)"
        )
    )
    db.session.execute(text("INSERT INTO refused VALUES (1, 2)"))


@pytest.mark.parametrize("end", ["raise", "refused"])
@pytest.mark.parametrize("change", ["sign-in", "sign-out", "clear"])
@pytest.mark.parametrize("signed_in_before", [True, False], ids=["signed in", "visitor"])
def test_s9_a_failed_request_leaves_the_session_byte_for_byte_as_it_was(
    on_redis: Callable[..., Client],
    redis: Redis,
    alice: User,
    change: str,
    end: str,
    signed_in_before: bool,
) -> None:
    client = on_redis(failing_views(alice))
    token = client.csrf_token("/preferences")
    if signed_in_before:
        client.sign_in("alice@example.com")
        token = client.csrf_token("/preferences")
    before, keys = redis.get(key_of(client)), key_of(client)
    response = client.post(f"/{change}/{end}", data={"csrf_token": token})
    assert response.status_code == (500 if end == "raise" else 409)
    assert response.headers.getlist("Set-Cookie") == []
    assert (redis.get(keys), key_of(client)) == (before, keys)
    assert client.is_signed_in is signed_in_before


def test_s9_an_error_handler_can_write_to_the_restored_session(
    on_redis: Callable[..., Client], redis: Redis, alice: User
) -> None:
    views = Blueprint("views", __name__)

    @views.errorhandler(ZeroDivisionError)
    def handle_error(error: Exception) -> tuple[list[str], int]:
        cookie["told"] = True
        return [], 400

    views.add_url_rule("/out", view_func=raising(sign_out), methods=["POST"], endpoint="out")
    client = on_redis(views)
    client.sign_in("alice@example.com")
    token, key = client.csrf_token("/account"), key_of(client)
    assert client.post("/out", data={"csrf_token": token}).status_code == 400
    assert key_of(client) == key
    with client.session_transaction() as values:
        assert values["told"]
    assert client.is_signed_in


def test_s9_a_session_that_another_tab_ended_meanwhile_does_not_come_back(
    on_redis: Callable[..., Client], redis: Redis, alice: User
) -> None:
    views = Blueprint("views", __name__)

    @views.get("/slow")
    def slow() -> list[str]:
        redis.delete(key)
        cookie["late"] = True
        return []

    client = on_redis(views)
    client.sign_in("alice@example.com")
    client.get("/account")
    key = key_of(client)
    response = client.get("/slow")
    assert response.headers.getlist("Set-Cookie") == []
    assert not redis.exists(key)


# --- Redis is down, and comes back


class RedisProxy(Proxy):
    default_port = 6379


@pytest.fixture
def proxy(redis_url: str) -> Iterator[Proxy]:
    proxy = RedisProxy(redis_url)
    proxy.connect()
    yield proxy
    proxy.cut()


def test_s9_while_redis_is_down_users_with_a_session_get_503(
    on_redis: Callable[..., Client], proxy: Proxy, alice: User
) -> None:
    client = on_redis(REDIS_URL=proxy.url)
    client.sign_in("alice@example.com")
    token = client.csrf_token("/account")
    proxy.cut()
    for response in [
        client.get("/"),
        client.get("/account"),
        client.post("/account", data={"csrf_token": token, "display_name": "Alice"}),
    ]:
        assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
        assert "Temporarily unavailable" in response.text
        assert response.headers.getlist("Set-Cookie") == []
    assert client.get("/static/app.css", buffered=True).status_code == 200


def test_s9_when_redis_is_back_users_are_still_signed_in(
    on_redis: Callable[..., Client], proxy: Proxy, alice: User
) -> None:
    client = on_redis(REDIS_URL=proxy.url)
    client.sign_in("alice@example.com")
    proxy.cut()
    assert client.get("/account").status_code == 503
    proxy.connect()
    assert client.is_signed_in


def test_s9_while_redis_is_down_visitors_see_pages_without_a_session(
    on_redis: Callable[..., Client], proxy: Proxy
) -> None:
    client = on_redis(REDIS_URL=proxy.url)
    proxy.cut()
    assert client.get("/").status_code == 200
    assert client.get("/nowhere").status_code == 404
    assert client.get("/account").status_code == 303


def test_s9_a_form_whose_csrf_token_was_not_stored_is_not_shown(
    on_redis: Callable[..., Client], proxy: Proxy
) -> None:
    client = on_redis(REDIS_URL=proxy.url)
    proxy.cut()
    response = client.get("/login")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert "csrf_token" not in response.text


def test_s9_a_commit_stands_even_if_redis_fails_after_it(
    on_redis: Callable[..., Client], proxy: Proxy, alice: User
) -> None:
    views = Blueprint("views", __name__)

    @views.post("/rename")
    def rename() -> list[str]:
        db.session.get_one(User, alice.id).display_name = "Renamed"
        cookie["flash"] = "soon lost"
        commit_later()
        proxy.cut()
        return ["done"]

    client = on_redis(views, REDIS_URL=proxy.url)
    client.sign_in("alice@example.com")
    response = client.post("/rename", data={"csrf_token": client.csrf_token("/account")})
    assert (response.status_code, response.json) == (200, ["done"])
    with client.application.app_context():
        assert db.session.get_one(User, alice.id).display_name == "Renamed"
    proxy.connect()


def test_s9_a_redis_that_never_responds_delays_no_request_for_long(
    on_redis: Callable[..., Client], alice: User
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = on_redis(REDIS_URL=f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        client.set_cookie("session", "x")
        started = time.monotonic()
        assert client.get("/account").status_code == 503
        assert time.monotonic() - started < 4


# --- S11: a change of a credential ends every copy of the cookie


def test_s11_a_copy_of_the_cookie_is_anonymous_once_the_password_is_changed(
    on_redis: Callable[..., Client], alice: User
) -> None:
    client = on_redis()
    client.sign_in(alice.email)
    copy = visitor(client.application)
    give_session(client, copy)
    assert copy.is_signed_in
    form = {"current_password": PASSWORD, "password": PASSPHRASE}
    assert client.submit("/account/password", **form).status_code == 303
    assert client.is_signed_in
    assert not copy.is_signed_in


def test_s9_a_value_that_cannot_be_stored_fails_before_the_commit(
    on_redis: Callable[..., Client], alice: User
) -> None:
    views = Blueprint("views", __name__)

    @views.post("/rename")
    def rename() -> list[str]:
        db.session.get_one(User, alice.id).display_name = "Renamed"
        cookie["basket"] = {"books": {object()}}
        commit_later()
        return ["done"]

    client = on_redis(views)
    client.sign_in(alice.email)
    form = {"csrf_token": client.csrf_token("/account")}
    assert client.post("/rename", data=form).status_code == 500
    with client.application.app_context():
        assert db.session.get_one(User, alice.id).display_name == ""
