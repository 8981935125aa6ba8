"""Email templates: subject line, text and HTML."""

import pytest
from jinja2 import TemplateNotFound

from app.mail.templates import RenderedMail, render_mail
from tests.mail.conftest import MakeSite
from tests.page import Page


def rendered(
    site: object, template: str = "hello", locale: str = "en", **values: str
) -> RenderedMail:
    with site.app_context():  # type: ignore[attr-defined]  # it is an Application
        return render_mail(f"greeting/mail/{template}", locale, {"name": "Alice", **values})


def test_the_first_line_is_the_subject_and_the_rest_is_the_text(make_site: MakeSite) -> None:
    mail = rendered(make_site())
    assert mail.subject == "Hello Alice"
    assert mail.text.startswith("Dear Alice,\n\ntoday is no day")


def test_the_html_has_the_same_subject_and_loads_nothing(make_site: MakeSite) -> None:
    page = Page(rendered(make_site()).html)
    assert page.one("h1").text == page.one("title").text == "Hello Alice"
    assert not page.all("link", "script", "img")


def test_text_is_plain_and_html_is_escaped(make_site: MakeSite) -> None:
    mail = rendered(make_site(), name="<b>Al & Co</b>")
    assert "Dear <b>Al & Co</b>," in mail.text
    assert "Dear &lt;b&gt;Al &amp; Co&lt;/b&gt;" in mail.html


def test_an_email_is_in_the_language_of_its_recipient(make_site: MakeSite) -> None:
    mail = rendered(make_site(), locale="fr")
    assert "this is in fr" in mail.text
    assert Page(mail.html).one("html").get("lang") == "fr"
    arabic = Page(rendered(make_site(), locale="ar").html).one("html")
    assert (arabic.get("lang"), arabic.get("dir")) == ("ar", "rtl")


def test_links_use_base_url_and_not_the_host_header(make_site: MakeSite) -> None:
    site = make_site(BASE_URL="https://site.example")

    @site.get("/link")
    def link() -> str:
        return render_mail("greeting/mail/hello", "en", {"name": "Alice"}).text

    link.is_public = True  # type: ignore[attr-defined]  # a mark on a function
    site.test_client_class = None
    text = site.test_client().get("/link", headers={"Host": "evil.example"}).text
    assert "https://site.example/" in text
    assert "evil" not in text


@pytest.mark.parametrize(
    "name", ["x\nBcc: eve@example.com", "x\r\nBcc: e", "x\x0b\x85\u2028y\x00"]
)
def test_a_name_cannot_add_a_header(make_site: MakeSite, name: str) -> None:
    subject = rendered(make_site(), name=name).subject
    assert subject.isprintable()
    assert subject.startswith("Hello x")


def test_a_template_without_a_subject_is_refused(make_site: MakeSite) -> None:
    with pytest.raises(ValueError, match="must begin with `Subject"):
        rendered(make_site(), "headless")


def test_a_template_without_html_is_refused(make_site: MakeSite) -> None:
    with pytest.raises(TemplateNotFound):
        rendered(make_site(), "nowhere")


def test_the_test_email_names_the_site(make_site: MakeSite) -> None:
    with make_site(APP_NAME="Boats").app_context():
        mail = render_mail("mail/test", "en", {})
    assert mail.subject == "Test email from Boats"
    assert "Boats" in mail.text
    assert "Boats" in Page(mail.html).text
