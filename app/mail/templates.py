"""Templates that look like the mail: `Subject: …`, an empty line, the text; an .html twin beside.

The subject, the text and the twin are written in the language of whoever will read them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import current_app, render_template
from flask_babel import force_locale, get_locale


@dataclass(frozen=True)
class Written:
    subject: str
    text: str
    html: str


def write_mail(template: str, locale: str, values: Mapping[str, object]) -> Written:
    """Return the mail as it will read. Raises ValueError if the .txt names no subject."""
    with force_locale(locale):
        heading, _, text = render_template(f"{template}.txt", **values).partition("\n\n")
        keyword, _, subject = heading.partition(":")
        if keyword != "Subject" or not subject.strip():
            raise ValueError(f"{template}.txt must begin with `Subject: …` and an empty line.")
        about = {"subject": one_line(subject), "language": get_locale()}
        html = render_template(f"{template}.html", **about, **values)
    return Written(one_line(subject), text.strip() + "\n", html)


def one_line(text: str) -> str:
    """Return the text without what could end a header (RFC 5322, 2.2), whatever a name held."""
    words = " ".join(text.split())
    return "".join(character for character in words if character.isprintable())


def absolute_url(endpoint: str, **values: object) -> str:
    """Return the address of a page as it is reached from a mail: under BASE_URL.

    Never by the Host header, which whoever asks for a mail to somebody else can choose.
    """
    site = urlsplit(current_app.config["BASE_URL"])
    urls = current_app.url_map.bind(site.netloc, url_scheme=site.scheme)
    return urls.build(endpoint, values, force_external=True)
