"""Guesses are throttled, except for the account owner on a known device."""

import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.application import Application
from app.auth.known_devices import prune_devices
from app.auth.models import KnownDevice, LoginAttempts
from app.auth.throttle import (
    TooManyAttempts,
    clear_attempts,
    count_attempt,
    counters,
    prune_attempts,
)
from app.database import db
from app.unit_of_work import unit_of_work
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, SETTINGS, Clock, visitor
from tests.emailed_links import PASSPHRASE
from tests.page import Page

STRANGER = "203.0.113.7"
ELSEWHERE = "198.51.100.9"
Link = Callable[[str], str]


def sign_in(client: Client, password: str, email: str = "alice@example.com", **where: str) -> int:
    return submit_sign_in(client, password, email, **where).status_code


def submit_sign_in(
    client: Client, password: str, email: str = "alice@example.com", **where: str
) -> TestResponse:
    fields = {"email": email, "password": password, "csrf_token": client.csrf_token()}
    where = {"REMOTE_ADDR": STRANGER} | where
    return client.post("/login", data=fields, environ_overrides=where)


def guess(client: Client, times: int, email: str = "alice@example.com", **where: str) -> list[int]:
    return [sign_in(client, f"guess {number}", email, **where) for number in range(times)]


def device_of(app: Application) -> Client:
    """Return a client in which Alice has signed in and out."""
    client = visitor(app)
    assert sign_in(client, PASSWORD, REMOTE_ADDR="198.51.100.2") == 303
    client.sign_out()
    return client


def guess_from_many_networks(
    app: Application, times: int, email: str = "alice@example.com"
) -> None:
    """Guess from a different network each time."""
    for number in range(times):
        where = f"192.0.2.{number}"
        assert guess(visitor(app), 1, email, REMOTE_ADDR=where) == [422]


def test_five_guesses_are_checked_and_the_sixth_has_to_wait(client: Client, alice: User) -> None:
    assert guess(client, 6) == [422] * 5 + [429]


def test_the_right_password_has_to_wait_too(client: Client, alice: User) -> None:
    guess(client, 5)
    assert sign_in(client, PASSWORD) == 429


def test_the_form_is_shown_again_with_the_time_to_wait(client: Client, alice: User) -> None:
    guess(client, 5)
    response = submit_sign_in(client, PASSWORD)
    page = Page(response.text)
    assert 29 <= int(response.headers["Retry-After"]) <= 30
    assert "Try again in 30 seconds" in page.text or "Try again in 29 seconds" in page.text
    assert page.one("input", name="email").get("value") == alice.email


def test_waiting_for_the_time_in_retry_after_is_enough(
    client: Client, alice: User, clock: Clock
) -> None:
    guess(client, 5)
    wait = int(submit_sign_in(client, "guess").headers["Retry-After"])
    clock.forward(seconds=wait)
    assert sign_in(client, PASSWORD) == 303


def test_delays_double_up_to_an_hour(client: Client, alice: User, clock: Clock) -> None:
    guess(client, 5)
    waits = []
    for _ in range(9):
        waits.append(int(submit_sign_in(client, "guess").headers["Retry-After"]))
        clock.forward(seconds=waits[-1])
        assert guess(client, 1) == [422]
    assert waits == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_no_delay_is_longer_than_the_limit_from_the_first_one_on(
    make_app: Callable[..., Application], alice: User
) -> None:
    client = visitor(make_app(LOGIN_DELAY="1h", LOGIN_DELAY_LIMIT="10m"))
    guess(client, 5)
    assert int(submit_sign_in(client, "guess").headers["Retry-After"]) == 600


def test_a_refused_guess_does_not_extend_the_delay(
    client: Client, alice: User, clock: Clock
) -> None:
    guess(client, 5)
    clock.forward(seconds=20)
    guess(client, 10)
    clock.forward(seconds=11)
    assert sign_in(client, PASSWORD) == 303


def test_attempts_expire_after_a_day(client: Client, alice: User, clock: Clock) -> None:
    guess(client, 5)
    clock.forward(days=1)
    assert guess(client, 6) == [422] * 5 + [429]


def test_an_attacker_on_one_network_does_not_delay_alice_on_another(
    app: Application, alice: User, clock: Clock
) -> None:
    for _ in range(40):
        wait = submit_sign_in(visitor(app), "guess").headers.get("Retry-After", "0")
        clock.forward(seconds=int(wait))
    assert guess(visitor(app), 6)[-1] == 429
    assert sign_in(visitor(app), PASSWORD, REMOTE_ADDR=ELSEWHERE) == 303


@pytest.mark.parametrize("email", ["alice@example.com", "nobody@example.com"])
def test_the_daily_limit_counts_all_networks_together(
    make_app: Callable[..., Application], alice: User, email: str, clock: Clock
) -> None:
    app = make_app(LOGIN_FAILURES_PER_DAY=8)
    guess_from_many_networks(app, 8, email)
    refused = submit_sign_in(visitor(app), PASSWORD, email, REMOTE_ADDR=ELSEWHERE)
    wait = int(refused.headers["Retry-After"])
    assert (refused.status_code, 24 * 60 * 60 - 60 < wait <= 24 * 60 * 60) == (429, True)
    clock.forward(hours=23)
    assert sign_in(visitor(app), PASSWORD, email, REMOTE_ADDR=ELSEWHERE) == 429
    clock.forward(seconds=wait - 23 * 60 * 60)
    guess_from_many_networks(app, 8, email)


def test_an_account_accepts_at_most_a_hundred_failures_a_day(
    app: Application, alice: User
) -> None:
    """NIST SP 800-63B-4, 3.2.2."""
    with app.app_context():
        for number in range(100):
            count_attempt(counters(alice.email, address=f"192.0.2.{number}", device=None))
        with pytest.raises(TooManyAttempts):
            count_attempt(counters(alice.email, address=ELSEWHERE, device=None))


def test_the_daily_limit_lasts_a_day_whatever_login_attempts_lifetime_is(
    make_app: Callable[..., Application], alice: User, clock: Clock
) -> None:
    app = make_app(LOGIN_FAILURES_PER_DAY=4, LOGIN_ATTEMPTS_LIFETIME="1h")
    guess_from_many_networks(app, 4)
    clock.forward(hours=23)
    with app.app_context():
        prune_attempts()
    assert sign_in(visitor(app), PASSWORD, REMOTE_ADDR=ELSEWHERE) == 429


def test_alices_known_device_is_not_limited_by_other_networks(
    make_app: Callable[..., Application], alice: User
) -> None:
    app = make_app(LOGIN_FAILURES_PER_DAY=4)
    hers = device_of(app)
    guess_from_many_networks(app, 4)
    assert sign_in(visitor(app), PASSWORD, REMOTE_ADDR=ELSEWHERE) == 429
    assert sign_in(hers, PASSWORD, REMOTE_ADDR=ELSEWHERE) == 303


def test_successes_do_not_count_as_failures(
    make_app: Callable[..., Application], alice: User
) -> None:
    app = make_app(LOGIN_FAILURES_PER_DAY=2, LOGIN_ATTEMPTS_PER_ADDRESS=2)
    assert [sign_in(visitor(app), PASSWORD) for _ in range(6)] == [303] * 6


def test_alices_sign_in_gives_an_attacker_no_more_attempts(
    make_app: Callable[..., Application], alice: User
) -> None:
    app = make_app(LOGIN_FAILURES_PER_DAY=4)
    guess_from_many_networks(app, 3)
    assert sign_in(visitor(app), PASSWORD, REMOTE_ADDR=ELSEWHERE) == 303
    assert guess(visitor(app), 2, REMOTE_ADDR="192.0.2.99") == [422, 429]


def reset(client: Client, link: Link, email: str = "alice@example.com") -> None:
    assert client.submit("/reset", email=email).status_code == 303
    assert client.submit(link(email), password=PASSPHRASE).status_code == 303


def test_a_reset_lets_alice_sign_in_from_any_network_at_once(
    make_app: Callable[..., Application], alice: User, link: Link
) -> None:
    app = make_app(LOGIN_FAILURES_PER_DAY=8)
    guess(visitor(app), 5)
    guess_from_many_networks(app, 3)
    hers = visitor(app)
    reset(hers, link)
    assert sign_in(hers, PASSPHRASE, REMOTE_ADDR=ELSEWHERE) == 303
    assert sign_in(visitor(app), PASSPHRASE, REMOTE_ADDR=ELSEWHERE) == 303
    assert sign_in(visitor(app), PASSPHRASE, REMOTE_ADDR=STRANGER) == 303


def test_guesses_after_a_reset_do_not_keep_alice_out_of_the_browser_she_reset_with(
    make_app: Callable[..., Application], alice: User, link: Link
) -> None:
    app = make_app(LOGIN_FAILURES_PER_DAY=4)
    hers = visitor(app)
    reset(hers, link)
    guess_from_many_networks(app, 4)
    assert sign_in(visitor(app), PASSPHRASE, REMOTE_ADDR=ELSEWHERE) == 429
    assert sign_in(hers, PASSPHRASE, REMOTE_ADDR=ELSEWHERE) == 303


def test_alices_reset_does_not_clear_bobs_counters(
    app: Application, alice: User, bob: User, link: Link
) -> None:
    guess(visitor(app), 5, bob.email)
    hers = visitor(app)
    reset(hers, link)
    assert sign_in(hers, PASSWORD, bob.email) == 429


def test_a_reset_that_fails_clears_no_counters(app: Application, alice: User, link: Link) -> None:
    guess(visitor(app), 5)
    client = visitor(app)
    client.submit("/reset", email=alice.email)
    assert client.submit(link(alice.email), password="short").status_code == 422
    assert sign_in(client, PASSWORD) == 429


def test_a_new_password_from_an_operator_can_be_used_at_once(
    app: Application, alice: User
) -> None:
    guess(visitor(app), 5)
    args = ["users", "set-password", alice.email, "--password", PASSPHRASE]
    assert app.test_cli_runner().invoke(args=args).exit_code == 0
    assert sign_in(visitor(app), PASSPHRASE) == 303


def test_concurrent_guesses_and_resets_do_not_deadlock_and_none_is_lost(
    make_app: Callable[..., Application], alice: User
) -> None:
    """Each guess locks three counters, a reset those of its account, in the same order."""
    app = make_app(LOGIN_ATTEMPTS=1000, LOGIN_ATTEMPTS_PER_ADDRESS=1000)

    def guess_at(number: int) -> None:
        network = f"192.0.2.{number % 5}"
        with app.app_context():
            count_attempt(counters("nobody@example.com", address=network, device=None))

    def clear(number: int) -> None:
        with app.app_context(), unit_of_work():
            clear_attempts(User(email="nobody@example.com"))

    with ThreadPoolExecutor(5) as crowd:
        tasks = [crowd.submit(clear if n % 6 == 5 else guess_at, n) for n in range(240)]
        assert [task.exception() for task in tasks] == [None] * 240
    with app.app_context():
        total = select(func.sum(LoginAttempts.attempts)).where(LoginAttempts.account.is_(None))
        assert db.session.scalar(total) == 200


def test_an_attacker_does_not_lock_alice_out_of_her_known_device(
    app: Application, alice: User
) -> None:
    hers = device_of(app)
    guess(visitor(app), 6)
    assert sign_in(visitor(app), PASSWORD) == 429
    assert sign_in(hers, PASSWORD) == 303


def test_an_attacker_on_alices_network_does_not_lock_her_known_device_out(
    make_app: Callable[..., Application], alice: User
) -> None:
    app = make_app(LOGIN_ATTEMPTS_PER_ADDRESS=3)
    hers = device_of(app)
    guess(visitor(app), 3, "nobody@example.com", REMOTE_ADDR="198.51.100.2")
    assert sign_in(visitor(app), PASSWORD, REMOTE_ADDR="198.51.100.2") == 429
    assert sign_in(hers, PASSWORD, REMOTE_ADDR="198.51.100.2") == 303


def test_a_stolen_device_cookie_guesses_no_faster(app: Application, alice: User) -> None:
    assert guess(device_of(app), 6) == [422] * 5 + [429]


def test_a_device_known_to_alice_is_not_known_to_bob(
    app: Application, alice: User, bob: User
) -> None:
    hers = device_of(app)
    guess(visitor(app), 5, bob.email)
    assert sign_in(hers, PASSWORD, bob.email) == 429


def test_two_people_can_share_a_device(app: Application, alice: User, bob: User) -> None:
    shared = device_of(app)
    assert sign_in(shared, PASSWORD, bob.email) == 303
    shared.sign_out()
    guess(visitor(app), 5)
    guess(visitor(app), 5, bob.email)
    assert sign_in(shared, PASSWORD) == 303
    shared.sign_out()
    assert sign_in(shared, PASSWORD, bob.email) == 303


def test_a_planted_device_cookie_does_not_become_known(app: Application, alice: User) -> None:
    hers, attacker = visitor(app), visitor(app)
    for client in (hers, attacker):
        client.set_cookie("known_device", "planted")
    assert sign_in(hers, PASSWORD) == 303
    guess(visitor(app), 5)
    assert sign_in(attacker, PASSWORD) == 429


def test_a_device_is_known_for_a_year_and_authenticates_no_user(
    app: Application, alice: User, clock: Clock
) -> None:
    hers = device_of(app)
    assert hers.get("/account").status_code == 303
    clock.forward(days=364)
    guess(visitor(app), 5)
    assert sign_in(hers, PASSWORD) == 303
    clock.forward(days=366)
    guess(visitor(app), 5)
    assert sign_in(hers, PASSWORD) == 429


def test_signing_in_clears_alices_failed_attempts(app: Application, alice: User) -> None:
    for _ in range(3):
        client = visitor(app)
        assert guess(client, 4) == [422] * 4
        assert sign_in(client, PASSWORD) == 303


def test_an_attackers_own_account_does_not_clear_the_networks_counter(
    make_app: Callable[..., Application], alice: User, bob: User
) -> None:
    app = make_app(LOGIN_ATTEMPTS_PER_ADDRESS=4)
    for number in range(4):
        guess(visitor(app), 1, f"victim-{number}@example.com")
        sign_in(visitor(app), PASSWORD, bob.email)
    assert sign_in(visitor(app), PASSWORD, bob.email) == 429
    assert sign_in(visitor(app), PASSWORD, bob.email, REMOTE_ADDR=ELSEWHERE) == 303


def test_refused_guesses_of_a_network_are_not_counted_for_the_account(
    make_app: Callable[..., Application], alice: User
) -> None:
    app = make_app(LOGIN_ATTEMPTS_PER_ADDRESS=4)
    assert guess(visitor(app), 20)[4:] == [429] * 16
    assert sign_in(visitor(app), PASSWORD, REMOTE_ADDR=ELSEWHERE) == 303


def test_all_addresses_of_a_network_share_a_counter(
    make_app: Callable[..., Application], alice: User
) -> None:
    client = visitor(make_app(LOGIN_ATTEMPTS_PER_ADDRESS=2, LOGIN_ATTEMPTS=99))
    for address in ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2"):
        assert guess(client, 1, REMOTE_ADDR=address) == [422]
    assert guess(client, 1, REMOTE_ADDR="2001:db8:0:1::3") == [429]
    assert guess(client, 1, REMOTE_ADDR="2001:db8:0:2::3") == [422]
    assert guess(client, 2, REMOTE_ADDR="::ffff:192.0.2.1") == [422, 422]
    assert guess(client, 1, REMOTE_ADDR="192.0.2.1:5678") == [429]
    assert guess(client, 2, REMOTE_ADDR="no address") == [422, 422]
    assert guess(client, 1, REMOTE_ADDR="another") == [429]


@pytest.mark.parametrize("email", ["alice@example.com", "nobody@example.com"])
def test_throttling_does_not_reveal_accounts(client: Client, alice: User, email: str) -> None:
    assert guess(client, 7, email) == [422] * 5 + [429] * 2
    spelled = submit_sign_in(client, "guess", email.upper())
    assert spelled.status_code == 429
    assert Page(spelled.text).text.count(email) == 0


def test_counters_store_no_addresses(client: Client, alice: User) -> None:
    guess(client, 1, "nobody@example.com")
    with client.application.app_context():
        rows = db.session.scalars(select(LoginAttempts)).all()
    assert len(rows) == 3
    assert {len(row.key) for row in rows} == {32}


def test_reauthentication_is_throttled_too(as_alice: Client, alice: User) -> None:
    prove = [as_alice.submit("/prove", password=f"guess {number}") for number in range(6)]
    assert [response.status_code for response in prove] == [422] * 5 + [429]
    assert as_alice.submit("/prove", password=PASSWORD).status_code == 429
    assert as_alice.get("/account").status_code == 200


def test_expired_counters_and_devices_are_pruned(
    app: Application, alice: User, clock: Clock
) -> None:
    device_of(app)
    guess(visitor(app), 1)
    clock.forward(hours=23)
    guess(visitor(app), 1, "nobody@example.com", REMOTE_ADDR=ELSEWHERE)
    clock.forward(hours=2)
    output = app.test_cli_runner().invoke(args=["prune"]).output
    assert "counted attempts: 4\nknown devices: 0\n" in output
    clock.forward(days=366)
    with app.app_context():
        assert (prune_attempts(), prune_devices()) == (3, 1)
        assert not db.session.scalars(select(KnownDevice)).all()


# --- Over two workers, and a restart -----------------------------------------------------------


@contextmanager
def served(database_url: str) -> Iterator[int]:
    """Serve the site by gunicorn with two workers; return the port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--workers=2", f"--bind=127.0.0.1:{port}"]
    environ = {"DATABASE_URL": database_url, "SECRET_KEY": str(SETTINGS["SECRET_KEY"])}
    process = subprocess.Popen(command, env=environ, stderr=subprocess.PIPE, text=True)
    try:
        wait_for(port)
        yield port
    finally:
        process.terminate()
        process.communicate(timeout=30)


def wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            time.sleep(0.1)
    pytest.fail("gunicorn does not respond")


def try_over_http(port: int, password: str) -> int:
    """Try to sign in as Alice without cookies; return the status."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/login")
    response = connection.getresponse()
    token = Page(response.read().decode()).fields_for("/login")["csrf_token"]
    cookies = SimpleCookie(response.headers["Set-Cookie"])
    sent = "; ".join(f"{name}={cookie.value}" for name, cookie in cookies.items())
    body = urlencode({"email": "alice@example.com", "password": password, "csrf_token": token})
    kind = "application/x-www-form-urlencoded"
    connection.request("POST", "/login", body, {"Cookie": sent, "Content-Type": kind})
    status = connection.getresponse().status
    connection.close()
    return status


def test_of_twenty_concurrent_guesses_five_are_checked_also_after_a_restart(
    clean_database: str, alice: User
) -> None:
    with served(clean_database) as port, ThreadPoolExecutor(20) as people:
        guesses = [people.submit(try_over_http, port, f"guess {n}") for n in range(20)]
        assert Counter(guess.result() for guess in guesses) == {422: 5, 429: 15}
    with served(clean_database) as port:
        assert try_over_http(port, PASSWORD) == 429
