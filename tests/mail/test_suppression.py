"""An address that its mail server rejects, or that an operator names, gets no further email."""

from collections.abc import Callable

import pytest

from app.application import Application
from app.database import db
from app.mail.models import Message, SuppressedAddress
from app.mail.outbox import delete_mails_to
from app.mail.suppression import prune_bounces
from app.unit_of_work import unit_of_work
from tests.conftest import Clock
from tests.mail.conftest import MakeSite, send_due, write
from tests.mail_server import MailServer

Outbox = Callable[[], list[Message]]
UNKNOWN = "550 5.1.1 no such user"
ACCEPTED = "250 OK"


@pytest.fixture
def site(make_site: MakeSite, mails: MailServer) -> Application:
    return make_site(mails.url)


@pytest.fixture
def bounced(site: Application, mails: MailServer) -> Application:
    """A site on which an email to Alice was rejected. Since then, the server accepts them."""
    mails.response_to_rcpt = UNKNOWN
    write(site)
    assert send_due(site) == ["given-up"]
    mails.response_to_rcpt = ACCEPTED
    return site


def suppressed(site: Application) -> list[str]:
    with site.app_context():
        return [row.address for row in db.session.query(SuppressedAddress)]


def flask(site: Application, *command: str) -> str:
    return site.test_cli_runner().invoke(args=["mail", *command]).output


# --- Which refusals suppress an address ---------------------------------------------------------


@pytest.mark.parametrize(
    "refusal",
    [
        UNKNOWN,
        "550 no such user",
        "551 user not local",
        "553 mailbox name not allowed",
        "550 5.1.10 recipient address has a null MX",
        "550 5.2.1 mailbox disabled",
        "554 5.1.2 bad destination system",
    ],
)
def test_a_rejected_address_is_suppressed(
    site: Application, mails: MailServer, refusal: str
) -> None:
    mails.response_to_rcpt = refusal
    write(site)
    assert send_due(site) == ["given-up"]
    assert suppressed(site) == ["alice@example.com"]


@pytest.mark.parametrize(
    "refusal",
    [
        "450 4.1.1 try again",
        "452 4.2.2 mailbox full",
        "552 5.2.2 mailbox full",
        "550 5.7.1 relaying denied",
        "550 relay not permitted",
        "554 5.7.1 blocked by our policy",
        "550 5.7.26 not authenticated: SPF and DKIM",
        "550 sender rejected",
        "530 5.7.0 authentication required",
        "550 5.1.8 sender's domain does not exist",
        "503 5.5.1 bad sequence of commands",
        "501 5.5.4 syntax error in parameters",
    ],
)
def test_a_refusal_that_is_temporary_or_about_us_suppresses_nothing(
    site: Application, mails: MailServer, refusal: str
) -> None:
    mails.response_to_rcpt = refusal
    write(site)
    send_due(site)
    assert suppressed(site) == []


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [("554 spam", []), ("550 no such user", []), (UNKNOWN, ["alice@example.com"])],
)
def test_a_refusal_of_the_content_suppresses_only_if_its_code_names_the_recipient(
    site: Application, mails: MailServer, refusal: str, expected: list[str]
) -> None:
    mails.response_to_data = refusal
    write(site)
    assert send_due(site) == ["given-up"]
    assert suppressed(site) == expected


def test_the_reason_does_not_repeat_the_address(site: Application, mails: MailServer) -> None:
    mails.response_to_rcpt = "550 5.1.1 <alice@example.com>: unknown"
    write(site)
    send_due(site)
    assert (
        flask(site, "suppressed")
        .rstrip()
        .endswith("bounce    alice@example.com  550 5.1.1 <…>: unknown")
    )


# --- What a suppressed address gets -------------------------------------------------------------


def test_nothing_is_sent_to_a_rejected_address(
    bounced: Application, mails: MailServer, outbox: Outbox
) -> None:
    write(bounced)
    write(bounced, "ALICE@example.com")
    write(bounced, "bob@example.com")
    assert sorted(send_due(bounced)) == ["sent", "withheld", "withheld"]
    assert [envelope.rcpt_tos for envelope in mails.envelopes] == [["bob@example.com"]]
    assert outbox()[1].last_error == "The address is suppressed: flask mail suppressed."
    assert outbox()[1].text == ""


def test_a_day_after_a_bounce_email_is_tried_again(bounced: Application, clock: Clock) -> None:
    clock.forward(days=1, minutes=1)
    write(bounced)
    assert send_due(bounced) == ["sent"]
    assert suppressed(bounced) == []


def test_a_second_bounce_starts_the_time_again(
    bounced: Application, mails: MailServer, clock: Clock
) -> None:
    clock.forward(days=1, minutes=1)
    mails.response_to_rcpt = UNKNOWN
    write(bounced)
    assert send_due(bounced) == ["given-up"]
    mails.response_to_rcpt = ACCEPTED
    clock.forward(hours=23)
    write(bounced)
    assert send_due(bounced) == ["withheld"]


def test_an_address_that_an_operator_suppressed_gets_nothing_ever(
    site: Application, clock: Clock
) -> None:
    flask(site, "suppress", "Alice@Example.com")
    clock.forward(days=1000)
    write(site)
    assert send_due(site) == ["withheld"]


def test_an_address_with_an_international_domain_is_the_same_in_both_spellings(
    site: Application,
) -> None:
    flask(site, "suppress", "alice@bücher.example")
    write(site, "alice@xn--bcher-kva.example")
    assert send_due(site) == ["withheld"]


def test_a_retry_by_an_operator_lifts_the_bounce(bounced: Application) -> None:
    flask(bounced, "retry", "--all")
    assert send_due(bounced) == ["sent"]


def test_a_retry_without_an_id_changes_nothing(bounced: Application) -> None:
    assert "Pass either an ID or --all" in flask(bounced, "retry")
    assert suppressed(bounced) == ["alice@example.com"]


def test_a_bounce_does_not_replace_what_an_operator_decided(
    bounced: Application, clock: Clock
) -> None:
    flask(bounced, "suppress", "alice@example.com", "--reason", "asked us to stop")
    flask(bounced, "retry", "--all")
    clock.forward(days=2)
    assert send_due(bounced) == ["withheld"]


# --- Operators, and the end of a suppression ----------------------------------------------------


def test_an_operator_suppresses_lists_and_lifts(site: Application) -> None:
    assert "No email is sent to bob@example.com" in flask(
        site, "suppress", "bob@example.com", "--reason", "asked us to stop"
    )
    assert "operator  bob@example.com  asked us to stop" in flask(site, "suppressed")
    assert "Email is sent to bob@example.com again" in flask(site, "unsuppress", "bob@example.com")
    assert flask(site, "suppressed") == ""
    assert "was not suppressed, so nothing" in flask(site, "unsuppress", "bob@example.com")
    assert "is not an email address" in flask(site, "suppress", "bob")


def test_withheld_emails_can_be_listed(bounced: Application) -> None:
    write(bounced)
    send_due(bounced)
    assert "alice@example.com" in flask(bounced, "list", "--state", "withheld")


def test_a_bounce_is_deleted_with_the_account_and_an_operators_decision_is_kept(
    bounced: Application,
) -> None:
    flask(bounced, "suppress", "bob@example.com")
    with bounced.app_context(), unit_of_work():
        delete_mails_to(["alice@example.com", "bob@example.com"])
    assert suppressed(bounced) == ["bob@example.com"]


def test_bounces_are_pruned_after_a_year(bounced: Application, clock: Clock) -> None:
    flask(bounced, "suppress", "bob@example.com")
    clock.forward(days=366)
    with bounced.app_context():
        assert prune_bounces() == 1
    assert suppressed(bounced) == ["bob@example.com"]
