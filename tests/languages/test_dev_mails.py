"""Every text in an email goes through gettext."""

import pytest

from app.application import Application
from app.dev.sample_mails import VALUES
from app.mail.templates import render_mail
from tests.databases import on_sqlite
from tests.framework.starter import is_products
from tests.framework.templates import MAILS
from tests.languages.brackets import PageText, untranslated
from tests.languages.catalogs import TRANSLATION, in_every_language, translation


@on_sqlite
@pytest.mark.parametrize("template", [mail for mail in MAILS if not is_products(mail)])
def test_every_email_is_translated(bracketed: Application, template: str) -> None:
    with bracketed.app_context():
        mail = render_mail(template, TRANSLATION, VALUES)
    assert untranslated(f"{mail.subject}\n{mail.text}") == []
    assert untranslated(PageText(mail.html).text) == []


@on_sqlite
@in_every_language
def test_a_mail_is_written_in_the_language_of_its_reader(app: Application, locale: str) -> None:
    with app.app_context():
        mail = render_mail("accounts/mail/confirm", locale, VALUES)
    assert mail.subject == translation(locale)["Confirm your email address"].string
    assert f'<html lang="{locale}"' in mail.html
