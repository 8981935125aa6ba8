"""An email is part of the unit of work that writes it."""

from collections.abc import Callable

import pytest
from flask import abort

from app.application import Application
from app.database import db
from app.jobs.workers import workers
from app.mail.models import Message
from app.mail.outbox import AddressRefused, send_mail_later
from app.unit_of_work import ReadOnlyRequest
from app.users.models import User
from tests.conftest import visitor
from tests.mail.conftest import MakeSite, send_due, write
from tests.mail_server import MailServer
from tests.sql_trace import SqlTrace
from tests.view_site import view_of

Outbox = Callable[[], list[Message]]


def hello() -> None:
    send_mail_later("alice@example.com", "greeting/mail/hello", name="Alice")


def test_an_email_is_sent_after_the_commit(make_site: MakeSite, mails: MailServer) -> None:
    site = make_site(mails.url, view_of(hello))
    assert visitor(site).post("/do").status_code == 200
    assert mails.messages == []
    assert send_due(site) == ["sent"]
    assert [message["To"] for message in mails.messages] == ["alice@example.com"]


def test_an_email_costs_its_request_one_statement(
    make_site: MakeSite, trace_sql: Callable[[Application], SqlTrace]
) -> None:
    site = make_site("", view_of(hello))
    watched = trace_sql(site)
    visitor(site).post("/do")
    assert watched.keywords == ["BEGIN", "INSERT", "COMMIT"]


def test_a_view_that_aborts_sends_nothing(
    make_site: MakeSite, mails: MailServer, outbox: Outbox
) -> None:
    def write_and_abort() -> None:
        hello()
        db.session.flush()
        abort(400)

    site = make_site(mails.url, view_of(write_and_abort))
    assert visitor(site).post("/do").status_code == 400
    assert (send_due(site), outbox(), mails.messages) == ([], [], [])


def test_a_failed_commit_sends_nothing(
    make_site: MakeSite, mails: MailServer, outbox: Outbox, alice: User
) -> None:
    def write_and_violate_constraint() -> None:
        hello()
        db.session.add(User(email=alice.email))

    site = make_site(mails.url, view_of(write_and_violate_constraint), JOB_THREADS=1)
    assert visitor(site).post("/do").status_code == 409
    workers(site).stop()  # type: ignore[attr-defined]  # Threads only
    assert (send_due(site), outbox(), mails.messages) == ([], [], [])


def test_a_get_request_sends_nothing(make_site: MakeSite) -> None:
    with pytest.raises(ReadOnlyRequest, match="Use a POST"):
        visitor(make_site("", view_of(hello))).get("/do")


def test_an_email_stores_the_id_of_its_request(make_site: MakeSite, outbox: Outbox) -> None:
    response = visitor(make_site("", view_of(hello))).post("/do")
    [message] = outbox()
    assert message.request_id == response.headers["X-Request-ID"]


@pytest.mark.parametrize("address", ["", "alice", "alice@", "a@b@c", "a@example.com\nBcc: b@c.de"])
def test_an_invalid_address_is_refused_at_once(make_site: MakeSite, address: str) -> None:
    with pytest.raises(AddressRefused, match="is not an email address"):
        write(make_site(), address)


def test_an_international_domain_is_stored_in_ascii(make_site: MakeSite, outbox: Outbox) -> None:
    write(make_site(), "alice@bücher.example.com")
    assert outbox()[0].recipient == "alice@xn--bcher-kva.example.com"


def test_without_mail_url_emails_wait(make_site: MakeSite, outbox: Outbox) -> None:
    write(make_site())
    assert [(message.state, message.attempts) for message in outbox()] == [("waiting", 0)]
