"""Sample forms and devices for /dev/components."""

from types import SimpleNamespace

from wtforms import (
    BooleanField,
    EmailField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than stubs

from app.clock import now
from app.web.forms import Form, Required

CHOICES = [SelectChoice(word, word.capitalize()) for word in ("one", "two", "three")]
THEMES = [SelectChoice(word, word.capitalize()) for word in ("system", "light", "dark")]
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"


class SampleForm(Form):
    """One field of each kind."""

    email = EmailField("Email address", [Required()], description="A hint.")
    password = PasswordField("Password", [Required()])
    text = StringField("Name")
    number = IntegerField("Number", [Required()])
    long_text = TextAreaField("Long text")
    select = SelectField("Drop-down list", choices=CHOICES)
    choice = RadioField("Radio buttons", choices=CHOICES)
    theme = RadioField("Radio buttons with pictures", choices=THEMES)
    check = BooleanField("Checkbox")


def empty_form() -> SampleForm:
    return make_form("empty-")


def filled_form() -> SampleForm:
    sample = {"email": "alice@example.com", "text": "Alice", "number": 3, "choice": "two"}
    return make_form("filled-", **sample, check=True)


def refused_form() -> SampleForm:
    """Return a form with an error on every field and one for the whole form."""
    form = make_form("refused-")
    form.form_errors.append("Incorrect email or password.")
    for field in form:
        if field.name != "csrf_token":
            field.errors = ("What is wrong, and how to fix it.",)
    return form


def make_form(prefix: str, **data: object) -> SampleForm:
    """Return one of several forms on a page; the prefix makes their element ids unique."""
    form = SampleForm(formdata=None, prefix=prefix, data=data)
    form["csrf_token"].name = "csrf_token"
    return form


def device(*, remembered: bool) -> SimpleNamespace:
    return SimpleNamespace(
        id=0,
        user_agent=FIREFOX,
        address="198.51.100.7",
        created_at=now(),
        last_seen_at=now(),
        remembered=remembered,
    )
