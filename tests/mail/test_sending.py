"""An email is retried until the mail server accepts it, or given up."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from time import monotonic

from app.application import Application
from app.mail.models import Message
from tests.conftest import Clock, assert_pool_is_whole
from tests.mail.conftest import MakeSite, send_due, write
from tests.mail_server import MailServer, free_port, silent_server
from tests.sql_trace import SqlTrace

Outbox = Callable[[], list[Message]]


def test_the_text_is_deleted_once_it_is_sent(
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
    make_site: MakeSite, mails: MailServer, trace_sql: Callable[[Application], SqlTrace]
) -> None:
    site = make_site(mails.url)
    write(site)
    watched = trace_sql(site)
    send_due(site)
    claim, read = "SELECT BEGIN UPDATE COMMIT", "SELECT SELECT"
    mark, next_claim = "BEGIN UPDATE COMMIT", "SELECT"
    assert " ".join(watched.keywords) == f"{claim} {read} {mark} {next_claim}"


def test_a_silent_server_holds_no_database_connection_and_times_out(make_site: MakeSite) -> None:
    with silent_server() as url:
        site = make_site(url, MAIL_TIMEOUT=timedelta(seconds=2))
        write(site)
        sending = Thread(target=send_due, args=(site,))
        began = monotonic()
        sending.start()
        sending.join(1)
        assert sending.is_alive()
        assert_pool_is_whole(site)
        sending.join()
    assert monotonic() - began < 6


def test_an_email_is_retried_if_the_server_is_unreachable(
    make_site: MakeSite, mails: MailServer, outbox: Outbox, clock: Clock
) -> None:
    site = make_site(f"smtp://127.0.0.1:{free_port()}")
    write(site)
    assert send_due(site) == ["waiting"]
    assert "ConnectionRefusedError" in outbox()[0].last_error
    clock.forward(minutes=1)
    assert send_due(make_site(mails.url)) == ["sent"]
    assert (outbox()[0].last_error, len(mails.messages)) == ("", 1)


def test_a_temporary_refusal_is_retried(
    make_site: MakeSite, mails: MailServer, outbox: Outbox
) -> None:
    mails.response_to_rcpt = "450 try again, greylisted"
    write(site := make_site(mails.url))
    assert send_due(site) == ["waiting"]
    assert "greylisted" in outbox()[0].last_error


def test_the_stored_error_does_not_contain_the_address(
    make_site: MakeSite, mails: MailServer, outbox: Outbox
) -> None:
    """Servers repeat the address, and stored errors are copied into backups."""
    write(site := make_site(mails.url))
    mails.response_to_rcpt = f"450 <{outbox()[0].recipient}>: greylisted"
    assert send_due(site) == ["waiting"]
    assert "greylisted" in outbox()[0].last_error
    assert outbox()[0].recipient not in outbox()[0].last_error


def test_an_unknown_recipient_is_given_up_at_once(
    make_site: MakeSite, mails: MailServer, outbox: Outbox
) -> None:
    mails.response_to_rcpt = "550 no such user"
    write(site := make_site(mails.url))
    assert send_due(site) == ["given-up"]
    assert outbox()[0].last_error == "PermanentFailure: 550 no such user"
    assert outbox()[0].text, "an operator may fix the cause and retry"


def test_a_message_refused_for_good_is_given_up_at_once(
    make_site: MakeSite, mails: MailServer
) -> None:
    mails.response_to_data = "554 spam"
    write(site := make_site(mails.url))
    assert send_due(site) == ["given-up"]


def test_a_message_is_sent_again_with_the_same_id_if_the_server_hangs_up(
    make_site: MakeSite, mails: MailServer, clock: Clock
) -> None:
    """The server may have accepted the first; it can recognize the duplicate by its Message-ID."""
    mails.messages_to_abort = 1
    write(site := make_site(mails.url))
    assert send_due(site) == ["waiting"]
    clock.forward(minutes=1)
    assert send_due(site) == ["sent"]
    first, second = mails.messages
    assert first["Message-ID"] == second["Message-ID"]


def test_an_error_at_quit_does_not_send_the_message_again(
    make_site: MakeSite, mails: MailServer
) -> None:
    mails.aborts_at_quit = True
    write(site := make_site(mails.url))
    assert send_due(site) == ["sent"]


def test_an_email_is_given_up_after_mail_attempt_limit(make_site: MakeSite, clock: Clock) -> None:
    site = make_site(f"smtp://127.0.0.1:{free_port()}", MAIL_ATTEMPT_LIMIT=2)
    write(site)
    assert send_due(site) == ["waiting"]
    clock.forward(hours=1)
    assert send_due(site) == ["given-up"]
    clock.forward(days=2)
    assert send_due(site) == []


def test_concurrent_workers_send_each_email_once(make_site: MakeSite, mails: MailServer) -> None:
    sites = [make_site(mails.url) for _ in range(3)]
    for number in range(24):
        write(sites[0], f"user-{number}@example.com")
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
    assert sorted(sent) == sorted(f"user-{number}@example.com" for number in range(24))
