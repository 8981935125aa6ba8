"""A mail in the outbox is sent until the mail server has it, or is given up."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from time import monotonic

from app.application import Application
from app.mail.models import Message
from tests.conftest import Clock, assert_pool_is_whole
from tests.mail.conftest import MakeSite, send_due, write
from tests.mail_server import MailServer, free_port, silent_server
from tests.wire import Wire

Outbox = Callable[[], list[Message]]


def test_what_it_said_is_forgotten_once_it_is_sent(
    make_site: MakeSite, mails: MailServer, outbox: Outbox
) -> None:
    site = make_site(mails.url)
    write(site)
    assert outbox()[0].text
    send_due(site)
    [message] = outbox()
    assert (message.state, message.text, message.html) == ("sent", "", "")
    assert message.ended_at


def test_no_transaction_is_open_while_it_is_sent(
    make_site: MakeSite, mails: MailServer, wire: Callable[[Application], Wire]
) -> None:
    site = make_site(mails.url)
    write(site)
    watched = wire(site)
    send_due(site)
    claim, mark, look_again = "SELECT BEGIN UPDATE COMMIT", "BEGIN UPDATE COMMIT", "SELECT"
    assert " ".join(watched.verbs) == f"{claim} {mark} {look_again}"


def test_a_silent_server_holds_no_connection_and_not_for_long(make_site: MakeSite) -> None:
    with silent_server() as url:
        site = make_site(url, MAIL_TIMEOUT=timedelta(seconds=0.5))
        write(site)
        sending = Thread(target=send_due, args=(site,))
        began = monotonic()
        sending.start()
        sending.join(0.25)
        assert sending.is_alive()
        assert_pool_is_whole(site)
        sending.join()
    assert monotonic() - began < 2


def test_a_server_that_is_away_gets_it_later(
    make_site: MakeSite, mails: MailServer, outbox: Outbox, clock: Clock
) -> None:
    site = make_site(f"smtp://127.0.0.1:{free_port()}")
    write(site)
    assert send_due(site) == ["waiting"]
    assert "ConnectionRefusedError" in outbox()[0].last_error
    clock.forward(minutes=1)
    assert send_due(make_site(mails.url)) == ["sent"]
    assert (outbox()[0].last_error, len(mails.letters)) == ("", 1)


def test_not_now_means_later(make_site: MakeSite, mails: MailServer, outbox: Outbox) -> None:
    mails.answer_to_recipient = "450 try again, greylisted"
    write(site := make_site(mails.url))
    assert send_due(site) == ["waiting"]
    assert "greylisted" in outbox()[0].last_error


def test_what_went_wrong_is_kept_without_the_address(
    make_site: MakeSite, mails: MailServer, outbox: Outbox
) -> None:
    """Servers say it back, and what an operator reads stays in backups."""
    write(site := make_site(mails.url))
    mails.answer_to_recipient = f"450 <{outbox()[0].recipient}>: greylisted"
    assert send_due(site) == ["waiting"]
    assert "greylisted" in outbox()[0].last_error
    assert outbox()[0].recipient not in outbox()[0].last_error


def test_nobody_of_that_name_means_never(
    make_site: MakeSite, mails: MailServer, outbox: Outbox
) -> None:
    mails.answer_to_recipient = "550 no such user"
    write(site := make_site(mails.url))
    assert send_due(site) == ["given-up"]
    assert outbox()[0].last_error == "RefusedForGood: 550 no such user"
    assert outbox()[0].text, "an operator may correct what was wrong and retry"


def test_a_refused_letter_means_never(make_site: MakeSite, mails: MailServer) -> None:
    mails.answer_to_letter = "554 spam"
    write(site := make_site(mails.url))
    assert send_due(site) == ["given-up"]


def test_a_server_that_hangs_up_gets_the_same_letter_again(
    make_site: MakeSite, mails: MailServer, clock: Clock
) -> None:
    """Nobody can know whether it kept the first; by the Message-ID it can tell."""
    mails.hangs_up = 1
    write(site := make_site(mails.url))
    assert send_due(site) == ["waiting"]
    clock.forward(minutes=1)
    assert send_due(site) == ["sent"]
    first, second = mails.letters
    assert first["Message-ID"] == second["Message-ID"]


def test_a_server_that_says_no_goodbye_has_the_letter(
    make_site: MakeSite, mails: MailServer
) -> None:
    mails.hangs_up_at_the_end = True
    write(site := make_site(mails.url))
    assert send_due(site) == ["sent"]


def test_it_is_given_up_after_so_many_tries(make_site: MakeSite, clock: Clock) -> None:
    site = make_site(f"smtp://127.0.0.1:{free_port()}", MAIL_ATTEMPT_LIMIT=2)
    write(site)
    assert send_due(site) == ["waiting"]
    clock.forward(hours=1)
    assert send_due(site) == ["given-up"]
    clock.forward(days=2)
    assert send_due(site) == []


def test_workers_at_once_send_each_mail_once(make_site: MakeSite, mails: MailServer) -> None:
    sites = [make_site(mails.url) for _ in range(3)]
    for number in range(24):
        write(sites[0], f"reader-{number}@example.com")
    start = Barrier(len(sites))

    def sweep(site: Application) -> None:
        start.wait()
        for _ in range(3):
            send_due(site)

    sweeps = [Thread(target=sweep, args=(site,)) for site in sites]
    for thread in sweeps:
        thread.start()
    for thread in sweeps:
        thread.join()
    sent = [envelope.rcpt_tos[0] for envelope in mails.envelopes]
    assert sorted(sent) == sorted(f"reader-{number}@example.com" for number in range(24))
