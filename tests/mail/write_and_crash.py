"""Commit an email and crash before it is sent: `python -m tests.mail.write_and_crash`."""

import os
import signal

from app.mail.outbox import send_mail_later
from app.unit_of_work import after_commit, unit_of_work
from wsgi import app

with app.app_context(), unit_of_work():
    after_commit(os.kill, os.getpid(), signal.SIGKILL)
    send_mail_later("alice@example.com", "mail/test")
