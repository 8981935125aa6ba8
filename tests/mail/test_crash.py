"""A process that is killed loses no mail."""

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


def test_killed_after_the_commit_it_is_sent_after_the_restart(
    process: Process, mails: MailServer, outbox: Outbox
) -> None:
    writing = process("tests.mail.writing", MAIL_URL=mails.url, **SENDER)
    assert writing.wait(30) == -signal.SIGKILL
    assert [message.attempts for message in outbox()] == [0]
    bind = f"--bind=127.0.0.1:{free_port()}"
    process("gunicorn", "wsgi:app", bind, MAIL_URL=mails.url, **SENDER)
    wait_until(lambda: [letter["To"] for letter in mails.letters] == ["alice@example.com"])


def test_killed_while_sending_it_is_sent_once_its_claim_is_over(
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
    assert len(mails.letters) == 1
