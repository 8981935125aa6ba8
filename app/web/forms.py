"""The form every form is made from."""

from collections.abc import Iterator, MutableMapping
from functools import lru_cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar, cast

from babel import Locale
from babel.support import Translations
from flask import abort, request
from flask_babel import get_locale, gettext
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import Field, StringField
from wtforms.form import BaseForm
from wtforms.i18n import DefaultTranslations, messages_path
from wtforms.validators import InputRequired, Length, StopValidation
from wtforms.widgets import HiddenInput

from app.request_globals import g
from app.web.i18n import lazy_gettext as _
from app.web.rendering.controls import is_plain_control, render_control
from app.web.secret_fields import is_secret, storable_at

if TYPE_CHECKING:
    from _typeshed import SupportsItems
    from wtforms.fields.core import UnboundField

    _Field = TypeVar("_Field", bound=Field)

# The ends of the names of what is not kept: a token, and the form that was kept before.
NEVER_SAVED = ("csrf_token", "saved_form")
# How many characters a field takes that has no Length of its own.
MAX_TEXT_LENGTH = 2000


class Required(InputRequired):
    """Refuse a field that was left out, is empty or holds only blanks.

    InputRequired looks at what was sent, before the filters ran, and accepts blanks.
    """

    def __call__(self, form: BaseForm, field: Field) -> None:
        if isinstance(field.data, str) and not field.data.strip():
            field.raw_data = []
        super().__call__(form, field)


class TooLong:
    """Refuse a text in the words of its field's Length, and skip every other validator."""

    def __init__(self, length: Length) -> None:
        self.length = length

    def __call__(self, form: BaseForm, field: Field) -> None:
        longest = self.length.max
        said = self.length.message or gettext(
            "Use at most %(longest)s characters.", longest=longest
        )
        raise StopValidation(str(said) % {"min": self.length.min, "max": longest})


class SentText:
    """What was sent, as the fields of a form read it: without any text that is too long.

    Fields parse what they are given, filters normalize it and validators match it, which takes
    time. A text that will be refused is not given to any of them, and put back once they have run.
    """

    def __init__(self, sent: Any, form: "Form") -> None:
        self.sent = sent
        self.form = form

    def __len__(self) -> int:
        return len(self.sent)

    def __iter__(self) -> Iterator[str]:
        return iter(self.sent)

    def __contains__(self, name: str) -> bool:
        return name in self.sent

    def getlist(self, name: str) -> list[Any]:
        field = self.form.bound.get(name)
        values = [it for it in self.sent.getlist(name) if is_taken_by(field, it)]
        if field is None or not is_any_longer(values, length_of(field).max):
            return values
        self.form.too_long.append((field, values, TooLong(length_of(field))))
        return []


class Messages:
    """WTForms' own words in the language in force, asked for when there is something to say."""

    def gettext(self, text: str) -> str:
        return messages_in(get_locale()).gettext(text)

    def ngettext(self, one: str, many: str, count: int) -> str:
        return messages_in(get_locale()).ngettext(one, many, count)


class Form(FlaskForm):
    class Meta(FlaskForm.Meta):
        def get_translations(self, form: BaseForm) -> Messages:
            return Messages()

        def render_field(self, field: Field, render_kw: "SupportsItems[str, Any]") -> Markup:
            given = dict(render_kw.items())
            if is_secret(field):
                given["value"] = ""
            if is_plain_control(field):
                return render_control(field, given)
            return super().render_field(field, given)

        def bind_field(
            self,
            form: BaseForm,
            unbound_field: "UnboundField[_Field]",
            options: MutableMapping[str, Any],
        ) -> "_Field":
            """Note each field by its name, those in a list included, which come last."""
            field = super().bind_field(form, unbound_field, options)
            cast(Form, form).bound[field.name] = field
            return field

        def wrap_formdata(self, form: BaseForm, formdata: Any) -> Any:
            try:
                sent = super().wrap_formdata(form, formdata)
            except (TypeError, ValueError):  # JSON that is no object
                abort(400)
            return None if sent is None else SentText(sent, cast(Form, form))

    def __init__(self, *formdata: Any, **given: Any) -> None:
        """Take what was sent. A late form is filled in, too, although its view only reads."""
        self.bound: dict[str, Field] = {}
        self.too_long: list[tuple[Field, list[Any], TooLong]] = []
        if is_expired_form() and not formdata:
            given.setdefault("formdata", g.expired_form)
        super().__init__(*formdata, **given)

    def post_process(self, formdata: Any = None) -> None:
        """Put back what is too long, to be shown with the reason and checked by nothing else."""
        for field, values, refusal in self.too_long:
            field.raw_data, field.validators = values, [refusal]
            if isinstance(field, StringField):
                field.data = values[0]
        super().post_process(formdata)  # type: ignore[misc]  # newer than the stubs

    def is_submitted(self) -> bool:
        return is_expired_form() or super().is_submitted()

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for a late form once more; what else may be wrong with it is told then."""
        if is_expired_form():
            self.form_errors.append(
                _(
                    "This page had been open for too long, so nothing was done. Look over what "
                    "you typed, enter passwords again, and send it once more."
                )
            )
            return False
        return super().validate(extra_validators)

    @property
    def hidden_fields(self) -> list[Field]:
        return [field for field in self if isinstance(field.widget, HiddenInput)]

    @property
    def shown_fields(self) -> list[Field]:
        return [field for field in self if not isinstance(field.widget, HiddenInput)]

    @property
    def status(self) -> HTTPStatus:
        """Return 200 for a form that is shown, 422 for one that was sent and comes back."""
        return HTTPStatus.UNPROCESSABLE_ENTITY if self.is_submitted() else HTTPStatus.OK

    def refuse(self, field: Field, reason: str) -> None:
        """Have the field come back with what is wrong, found after it was well formed."""
        field.errors = [*field.errors, reason]


def length_of(field: Field) -> Length:
    """Return what says how many characters a field takes."""
    validators: list[Any] = [*field.validators]
    own = (it for it in validators if isinstance(it, Length) and it.max >= 0)
    return min(own, key=lambda it: it.max, default=Length(max=MAX_TEXT_LENGTH))


def is_taken_by(field: Field | None, value: object) -> bool:
    """Return whether a field can hold this: no text field takes a file, and none a JSON object."""
    if isinstance(field, StringField):
        return isinstance(value, str)
    return not isinstance(value, dict | list)


def is_any_longer(values: list[Any], longest: int) -> bool:
    return any(isinstance(value, str) and len(value) > longest for value in values)


@lru_cache(maxsize=32)
def messages_in(language: Locale | None) -> DefaultTranslations:
    """Return WTForms' own words, read once a process; Flask-WTF reads the file at each request."""
    return DefaultTranslations(
        Translations.load(messages_path(), [language or "en"], domain="wtforms")
    )


def is_expired_form() -> bool:
    """Return whether this request's form came with a token that no longer holds."""
    return g.expired_form is not None


def is_submission() -> bool:
    """Return whether a form came with this request, in time or late."""
    return is_expired_form() or request.method not in {"GET", "HEAD"}


def submitted_fields() -> list[tuple[str, str]]:
    """Return what was typed, in order, without secrets: those must not stand in a page."""
    sent = request.form if g.expired_form is None else g.expired_form
    is_storable = storable_at(request.endpoint or "")
    return [
        (name, value)
        for name, value in sent.items(multi=True)
        if not name.endswith(NEVER_SAVED) and is_storable(name)
    ]
