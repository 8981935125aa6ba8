"""Render emails from templates: `Subject: …`, a blank line and the text, with an .html beside it.

Subject, text and HTML are rendered in the language of the recipient.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import current_app, render_template
from flask_babel import force_locale, get_locale, gettext


@dataclass(frozen=True)
class RenderedMail:
    subject: str
    text: str
    html: str


def render_mail(template: str, locale: str, values: Mapping[str, object]) -> RenderedMail:
    """Render an email. Raises ValueError if the .txt does not begin with a subject."""
    with force_locale(locale):
        heading, _, text = render_template(f"{template}.txt", **values).partition("\n\n")
        keyword, _, subject = heading.partition(":")
        if keyword != "Subject" or not subject.strip():
            raise ValueError(f"{template}.txt must begin with `Subject: …` and a blank line.")
        context = {"subject": one_line(subject), "language": get_locale()}
        html = render_template(f"{template}.html", **context, **values)
        end = unsubscribe_line(values.get("unsubscribe_url"))
    return RenderedMail(one_line(subject), f"{text.strip()}\n{end}", html)


def unsubscribe_line(url: object) -> str:
    """Return the last line of an optional email. The layout of the HTML has the same link."""
    return f"\n{gettext('Unsubscribe')}: {url}\n" if url else ""


def one_line(text: str) -> str:
    """Remove all characters that could end a header (RFC 5322, 2.2), whatever a value contains."""
    words = " ".join(text.split())
    return "".join(character for character in words if character.isprintable())


def absolute_url(endpoint: str, **values: object) -> str:
    """Return the URL of a page under BASE_URL, for links in emails.

    Never from the Host header: an attacker chooses it when requesting an email to another user.
    """
    site = urlsplit(current_app.config["BASE_URL"])
    urls = current_app.url_map.bind(site.netloc, url_scheme=site.scheme)
    return urls.build(endpoint, values, force_external=True)
