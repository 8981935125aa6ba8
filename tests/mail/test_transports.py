"""Transports: mail servers, with and without encryption, and a folder."""

import os
import smtplib
import ssl
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path

import pytest
import trustme

from app.mail.transports import MailRefused, Transport, open_transport
from config import SettingRefused
from tests.mail_server import MailServer, accounts, certificate, mail_server


def make_message(to: str = "alice@example.com") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "no-reply@example.com", to
    message["Message-ID"] = "<1.2@example.com>"
    message.set_content("Hello")
    return message


def open_url(url: str, folder: Path = Path()) -> Transport:
    transport = open_transport(url, timeout=2, instance=folder)
    assert transport
    return transport


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """A certificate authority that this machine trusts."""
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return authority


@pytest.fixture
def encrypting(authority: trustme.CA) -> Iterator[MailServer]:
    with mail_server(tls_context=certificate(authority)) as server:
        yield server


def test_a_plain_server_accepts_a_message(mails: MailServer) -> None:
    open_url(mails.url).send(make_message())
    assert (mails.envelopes[0].mail_from, mails.encrypted) == ("no-reply@example.com", [False])


def test_starttls_is_used_if_it_is_offered(encrypting: MailServer) -> None:
    open_url(encrypting.url).send(make_message())
    assert encrypting.encrypted == [True]


def test_starttls_can_be_disabled(encrypting: MailServer) -> None:
    open_url(f"{encrypting.url}?starttls=never").send(make_message())
    assert encrypting.encrypted == [False]


def test_required_starttls_is_not_skipped(mails: MailServer) -> None:
    with pytest.raises(smtplib.SMTPNotSupportedError):
        open_url(f"{mails.url}?starttls=required").send(make_message())
    assert mails.messages == []


def test_required_starttls_needs_a_trusted_certificate(encrypting: MailServer) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        open_url(f"{encrypting.url}?starttls=required").send(make_message())
    assert encrypting.messages == []


@pytest.mark.usefixtures("trusted")
def test_required_starttls_works_with_a_trusted_certificate(encrypting: MailServer) -> None:
    open_url(f"{encrypting.url}?starttls=required").send(make_message())
    assert encrypting.encrypted == [True]


def test_smtps_is_encrypted_from_the_start(trusted: trustme.CA) -> None:
    with mail_server(ssl_context=certificate(trusted)) as server:
        open_url(server.url).send(make_message())
    assert server.encrypted == [True]


def test_smtps_needs_a_trusted_certificate(authority: trustme.CA) -> None:
    server = mail_server(ssl_context=certificate(authority))
    with server as mails, pytest.raises(ssl.SSLCertVerificationError):
        open_url(mails.url).send(make_message())


def test_credentials_are_sent_after_encryption(trusted: trustme.CA) -> None:
    how = {"tls_context": certificate(trusted), "authenticator": accounts(site="s:cret@1")}
    with mail_server(auth_required=True, **how) as server:
        url = server.url.replace("//", "//site:s%3Acret%401@")
        open_url(url).send(make_message())
        with pytest.raises(smtplib.SMTPAuthenticationError):
            open_url(url.replace("cret", "care")).send(make_message())
    assert server.encrypted == [True]


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # what this tests
def test_a_password_is_sent_unencrypted_only_with_starttls_never() -> None:
    how = {"authenticator": accounts(site="secret"), "auth_require_tls": False}
    with mail_server(auth_required=True, **how) as server:
        url = server.url.replace("//", "//site:secret@")
        with pytest.raises(smtplib.SMTPNotSupportedError):
            open_url(url).send(make_message())
        open_url(f"{url}?starttls=never").send(make_message())
    assert server.encrypted == [False]


def test_an_international_address_works_with_smtputf8() -> None:
    with mail_server(enable_SMTPUTF8=True) as server:
        open_url(server.url).send(make_message("jörg@example.com"))
    assert server.envelopes[0].rcpt_tos == ["jörg@example.com"]


def test_an_international_address_is_refused_without_smtputf8() -> None:
    server = mail_server(enable_SMTPUTF8=False)
    with (
        server as mails,
        pytest.raises(MailRefused, match="does not support international addresses"),
    ):
        open_url(mails.url).send(make_message("jörg@example.com"))


def test_a_folder_gets_one_file_per_message(tmp_path: Path) -> None:
    folder = open_url("file:mail", tmp_path)
    for _ in range(2):
        folder.send(make_message())
    [file] = (tmp_path / "mail").iterdir()
    assert file.name == "1.2.eml"
    assert message_from_bytes(file.read_bytes())["To"] == "alice@example.com"


@pytest.mark.parametrize(
    "url", ["http://host", "smtp://", "mail.example.com", "file:", "smtp://host?starttls=maybe"]
)
def test_an_invalid_mail_url_is_refused(url: str) -> None:
    with pytest.raises(SettingRefused, match="MAIL_URL"):
        open_transport(url, timeout=1, instance=Path(os.devnull))
