"""Guesses at the second step are throttled, and knowing the password does not help."""

from collections.abc import Callable

from app.application import Application
from app.users.models import User
from tests.client import Client
from tests.conftest import PASSWORD, Clock, signed_in, visitor
from tests.emailed_links import PASSPHRASE
from tests.two_factor.phones import Phone, give_code, give_password, sign_in


def guess(client: Client, phone: Phone, times: int) -> list[int]:
    return [give_code(client, phone.wrong_code).status_code for _ in range(times)]


def test_five_codes_are_checked_and_the_sixth_must_wait(
    client: Client, alice: User, phone: Phone
) -> None:
    give_password(client, alice)
    assert guess(client, phone, 6) == [422] * 5 + [429]
    response = give_code(client, phone.code())
    assert (response.status_code, client.is_signed_in) == (429, False)
    assert 0 < int(response.headers["Retry-After"]) <= 30
    assert "Try again in" in response.text


def test_entering_the_password_again_does_not_reset_the_counter(
    app: Application, alice: User, phone: Phone
) -> None:
    statuses = []
    for _ in range(6):
        client = visitor(app)
        give_password(client, alice)
        statuses += guess(client, phone, 1)
    assert statuses == [422] * 5 + [429]


def test_recovery_codes_are_throttled_too(client: Client, alice: User, phone: Phone) -> None:
    give_password(client, alice)
    guesses = [give_code(client, f"aaaa-bbbb-{n:04}").status_code for n in range(6)]
    assert guesses == [422] * 5 + [429]


def test_waiting_for_retry_after_is_enough_and_success_resets_the_counter(
    app: Application, client: Client, alice: User, phone: Phone, clock: Clock
) -> None:
    give_password(client, alice)
    guess(client, phone, 5)
    clock.forward(seconds=int(give_code(client, "000000").headers["Retry-After"]))
    assert give_code(client, phone.code()).status_code == 303
    clock.forward(seconds=30)
    other = visitor(app)
    give_password(other, alice)
    assert guess(other, phone, 5) == [422] * 5


def test_an_attacker_with_the_password_does_not_lock_alice_out_of_her_device(
    app: Application, alice: User, phone: Phone, clock: Clock
) -> None:
    hers = visitor(app)
    sign_in(hers, alice, phone.code())
    hers.sign_out()
    stranger = visitor(app)
    give_password(stranger, alice)
    assert guess(stranger, phone, 6)[-1] == 429
    clock.forward(seconds=30)
    assert sign_in(hers, alice, phone.code()).status_code == 303


def test_access_to_alices_email_does_not_speed_up_guessing(
    app: Application, alice: User, phone: Phone, clock: Clock, link: Callable[[str], str]
) -> None:
    """Each reset clears the counter of wrong passwords and makes a known device."""
    statuses = []
    for _ in range(3):
        clock.forward(minutes=1)
        client = visitor(app)
        client.submit("/reset", email=alice.email)
        client.submit(link(alice.email), password=PASSPHRASE)
        client.sign_in(alice.email, PASSPHRASE)
        statuses += guess(client, phone, 4)
    assert statuses.count(422) <= 7
    assert statuses[-3:] == [429] * 3


def test_failures_from_all_networks_count_towards_the_daily_limit(
    make_app: Callable[..., Application], alice: User, phone: Phone
) -> None:
    app = make_app(LOGIN_FAILURES_PER_DAY=3)
    for number in range(4):
        client = visitor(app)
        client.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        give_password(client, alice)
        assert guess(client, phone, 1) == [422 if number < 3 else 429]


def test_guesses_are_throttled_at_reauthentication_too(
    app: Application, alice: User, phone: Phone, clock: Clock
) -> None:
    client = signed_in(app, alice)
    clock.forward(minutes=15)
    client.submit("/prove", password=PASSWORD)
    assert guess(client, phone, 6) == [422] * 5 + [429]


def test_guesses_at_alices_account_do_not_throttle_bob(
    app: Application, alice: User, bob: User, phone: Phone
) -> None:
    client = visitor(app)
    give_password(client, alice)
    guess(client, phone, 6)
    assert give_password(visitor(app), bob).location == "/account"


def test_failures_are_recorded_and_the_fifth_of_a_day_sends_an_email(
    app: Application, client: Client, alice: User, phone: Phone, subjects: Callable[[], list[str]]
) -> None:
    warning = "Repeated two-factor failures with your password"
    give_password(client, alice)
    guess(client, phone, 4)
    assert warning not in subjects()
    guess(client, phone, 1)
    assert subjects().count(warning) == 1
    # part: activity
    activity = signed_in(app, alice).page("/activity").text
    assert activity.count("Two-factor code failed") == 5
    # end part: activity
