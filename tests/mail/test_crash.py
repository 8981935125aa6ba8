"""No email is lost when a process is killed."""

import signal
from collections.abc import Callable
from subprocess import Popen

from app.mail.models import Message
from tests.conftest import Clock
from tests.mail.conftest import MakeSite, send_due
from tests.mail_server import MailServer, free_port, silent_server
from tests.processes import wait_until

Process = Callable[..., Popen[str]]
Outbox = Callable[[], list[Message]]
SENDER = {"MAIL_FROM": "no-reply@example.com", "JOB_THREADS": 2}


def test_an_email_is_sent_after_the_restart_if_the_process_died_after_the_commit(
    process: Process, mails: MailServer, outbox: Outbox
) -> None:
    writer = process("tests.mail.write_and_crash", MAIL_URL=mails.url, **SENDER)
    assert writer.wait(30) == -signal.SIGKILL
    assert [message.attempts for message in outbox()] == [0]
    bind = f"--bind=127.0.0.1:{free_port()}"
    process("gunicorn", "wsgi:app", bind, MAIL_URL=mails.url, **SENDER)
    wait_until(lambda: [message["To"] for message in mails.messages] == ["alice@example.com"])


def test_an_email_is_sent_after_its_claim_if_the_process_died_while_sending(
    process: Process, mails: MailServer, make_site: MakeSite, outbox: Outbox, clock: Clock
) -> None:
    with silent_server() as url:
        sending = process("flask", "mail", "test", "alice@example.com", MAIL_URL=url, **SENDER)
        wait_until(lambda: [message.attempts for message in outbox()] == [1])
        sending.kill()
        sending.wait()
    site = make_site(mails.url)
    assert send_due(site) == []
    clock.forward(minutes=5)
    assert send_due(site) == ["sent"]
    assert len(mails.messages) == 1
