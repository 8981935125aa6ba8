"""Templates look like the mail they make."""

import pytest
from jinja2 import TemplateNotFound

from app.mail.templates import Written, write_mail
from tests.mail.conftest import MakeSite
from tests.page import Page


def written(site: object, template: str = "hello", locale: str = "en", **values: str) -> Written:
    with site.app_context():  # type: ignore[attr-defined]
        return write_mail(f"greeting/mail/{template}", locale, {"name": "Alice", **values})


def test_the_first_line_is_the_subject_and_the_rest_the_text(make_site: MakeSite) -> None:
    mail = written(make_site())
    assert mail.subject == "Hello Alice"
    assert mail.text.startswith("Dear Alice,\n\ntoday is no day")


def test_the_twin_has_the_same_subject_and_nothing_from_elsewhere(make_site: MakeSite) -> None:
    page = Page(written(make_site()).html)
    assert page.one("h1").text == page.one("title").text == "Hello Alice"
    assert not page.all("link", "script", "img")


def test_text_is_plain_and_html_is_escaped(make_site: MakeSite) -> None:
    mail = written(make_site(), name="<b>Al & Co</b>")
    assert "Dear <b>Al & Co</b>," in mail.text
    assert "Dear &lt;b&gt;Al &amp; Co&lt;/b&gt;" in mail.html


def test_a_mail_speaks_the_language_of_its_reader(make_site: MakeSite) -> None:
    mail = written(make_site(), locale="de")
    assert "this is in de" in mail.text
    assert Page(mail.html).one("html").get("lang") == "de"
    arabic = Page(written(make_site(), locale="ar").html).one("html")
    assert (arabic.get("lang"), arabic.get("dir")) == ("ar", "rtl")


def test_links_lead_to_the_site_whatever_host_was_asked(make_site: MakeSite) -> None:
    site = make_site(BASE_URL="https://lockstep.example")

    @site.get("/link")
    def link() -> str:
        return write_mail("greeting/mail/hello", "en", {"name": "Alice"}).text

    link.is_public = True  # type: ignore[attr-defined]
    site.test_client_class = None
    text = site.test_client().get("/link", headers={"Host": "evil.example"}).text
    assert "https://lockstep.example/" in text
    assert "evil" not in text


@pytest.mark.parametrize(
    "name", ["x\nBcc: eve@example.com", "x\r\nBcc: e", "x\x0b\x85\u2028y\x00"]
)
def test_a_name_cannot_add_a_header(make_site: MakeSite, name: str) -> None:
    subject = written(make_site(), name=name).subject
    assert subject.isprintable()
    assert subject.startswith("Hello x")


def test_a_template_without_a_subject_is_refused(make_site: MakeSite) -> None:
    with pytest.raises(ValueError, match="must begin with `Subject"):
        written(make_site(), "headless")


def test_a_template_without_a_twin_is_refused(make_site: MakeSite) -> None:
    with pytest.raises(TemplateNotFound):
        written(make_site(), "nowhere")


def test_the_mail_of_flask_mail_test_is_a_good_example(make_site: MakeSite) -> None:
    with make_site(APP_NAME="Boats").app_context():
        mail = write_mail("mail/test", "en", {})
    assert mail.subject == "Mail from Boats works"
    assert "Boats" in mail.text
    assert "Boats" in Page(mail.html).text
