"""The base class of all forms: length limits, translated messages, and saved forms."""

from collections.abc import Iterator, MutableMapping
from functools import lru_cache, partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar, cast

from babel import Locale
from babel.support import Translations
from flask import abort, request
from flask_babel import get_locale, gettext
from flask_wtf import FlaskForm
from markupsafe import Markup
from wtforms import DecimalField, Field, IntegerField, StringField
from wtforms.form import BaseForm
from wtforms.i18n import DefaultTranslations, messages_path
from wtforms.validators import InputRequired, Length, StopValidation
from wtforms.widgets import HiddenInput

from app.request_globals import g
from app.web.i18n import lazy_gettext as _
from app.web.rendering.controls import is_plain_control, render_control
from app.web.secret_fields import is_secret, storable_fields

if TYPE_CHECKING:
    from _typeshed import SupportsItems
    from wtforms.fields.core import UnboundField

    _Field = TypeVar("_Field", bound=Field)

# The ends of the names of fields that are not saved: the token, and the form saved before.
NEVER_SAVED = ("csrf_token", "saved_form")
# Characters, for a field without a Length validator.
MAX_TEXT_LENGTH = 2000
# NumberRange fails for integers of more than 308 digits, which no float can hold.
MAX_NUMBER_LENGTH = 40


class Required(InputRequired):
    """Reject a field that is missing, empty or blank. InputRequired accepts blanks."""

    def __call__(self, form: BaseForm, field: Field) -> None:
        if isinstance(field.data, str) and not field.data.strip():
            field.raw_data = []
        super().__call__(form, field)


class LimitedFormData:
    """The submitted fields, without any text that is longer than its field allows.

    Fields parse text, filters normalize it and validators match it, which takes time (R15). Text
    that will be rejected reaches none of them, and is put back after they have run.
    """

    def __init__(self, submitted: Any, form: "Form") -> None:
        self.submitted = submitted
        self.form = form

    def __len__(self) -> int:
        return len(self.submitted)

    def __iter__(self) -> Iterator[str]:
        return iter(self.submitted)

    def __contains__(self, name: str) -> bool:
        return name in self.submitted

    def getlist(self, name: str) -> list[Any]:
        field = self.form.bound.get(name)
        values = [value for value in self.submitted.getlist(name) if accepts_type(field, value)]
        if field is None or not is_too_long(values, length_of(field)):
            return values
        self.form.too_long.append((field, values))
        return []


class Messages:
    """WTForms' own messages in the current language, loaded when one is shown."""

    def gettext(self, text: str) -> str:
        return messages_in(get_locale()).gettext(text)

    def ngettext(self, one: str, many: str, count: int) -> str:
        return messages_in(get_locale()).ngettext(one, many, count)


MESSAGES = Messages()


class Form(FlaskForm):
    class Meta(FlaskForm.Meta):
        def get_translations(self, form: BaseForm) -> Messages:
            return MESSAGES

        def render_field(self, field: Field, render_kw: "SupportsItems[str, Any]") -> Markup:
            attributes = dict(render_kw.items())
            if is_secret(field):
                attributes["value"] = ""
            if is_plain_control(field):
                return render_control(field, attributes)
            return super().render_field(field, attributes)

        def bind_field(
            self,
            form: BaseForm,
            unbound_field: "UnboundField[_Field]",
            options: MutableMapping[str, Any],
        ) -> "_Field":
            """Store each field by its name, including those that a FieldList adds later."""
            field = super().bind_field(form, unbound_field, options)
            form.bound[field.name] = field  # type: ignore[attr-defined]  # always a Form
            return field

        def wrap_formdata(self, form: BaseForm, formdata: Any) -> Any:
            try:
                submitted = super().wrap_formdata(form, formdata)
            except (TypeError, ValueError):  # JSON that is not an object
                abort(400)
            return None if submitted is None else LimitedFormData(submitted, cast(Form, form))

    def __init__(self, *formdata: Any, **given: Any) -> None:
        """Fill in the form, also if its token has expired and the view only reads."""
        self.bound: dict[str, Field] = {}
        self.too_long: list[tuple[Field, list[Any]]] = []
        if is_expired_form() and not formdata:
            given.setdefault("formdata", g.expired_form)
        super().__init__(*formdata, **given)

    def post_process(self, formdata: Any = None) -> None:
        """Put back text that is too long, so that the page shows it with the error."""
        for field, values in self.too_long:
            field.raw_data = values
            field.validators = [partial(reject_length, length_of(field))]
            if isinstance(field, StringField):
                field.data = values[0]
        super().post_process(formdata)  # type: ignore[misc]  # newer than the stubs

    def is_submitted(self) -> bool:
        return is_expired_form() or super().is_submitted()

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask to send a form with an expired token again. It is validated then."""
        if is_expired_form():
            self.form_errors.append(
                _(
                    "This page was open for too long, so nothing was changed. Check your entries, "
                    "enter any passwords again and submit the form once more."
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
        """Return 200 for a new form, and 422 for a submitted form that is shown again."""
        return HTTPStatus.UNPROCESSABLE_ENTITY if self.is_submitted() else HTTPStatus.OK

    def add_error(self, field: Field, reason: str) -> None:
        """Add an error to the field that was found after validation."""
        field.errors = [*field.errors, reason]


def length_of(field: Field) -> Length:
    """Return the validator with the smallest maximum of the field, in characters."""
    validators: list[Any] = [*field.validators]
    own = (it for it in validators if isinstance(it, Length) and it.max >= 0)
    is_number = isinstance(field, IntegerField | DecimalField)
    longest = MAX_NUMBER_LENGTH if is_number else MAX_TEXT_LENGTH
    return min(own, key=lambda it: it.max, default=Length(max=longest))


def is_too_long(values: list[Any], length: Length) -> bool:
    return any(isinstance(value, str) and len(value) > length.max for value in values)


def reject_length(length: Length, form: BaseForm, field: Field) -> None:
    """Reject the field with the message of its Length, and skip all other validators."""
    text = length.message or gettext("Use at most %(longest)s characters.", longest=length.max)
    raise StopValidation(str(text) % {"min": length.min, "max": length.max})


def accepts_type(field: Field | None, value: object) -> bool:
    """Return whether a field accepts a value of this type: a text field accepts no file."""
    if isinstance(field, StringField):
        return isinstance(value, str)
    return not isinstance(value, dict | list)


@lru_cache(maxsize=32)
def messages_in(language: Locale | None) -> DefaultTranslations:
    """Return WTForms' own messages. Cached, because Flask-WTF reads the file at each request."""
    return DefaultTranslations(
        Translations.load(messages_path(), [language or "en"], domain="wtforms")
    )


def is_expired_form() -> bool:
    """Return whether the CSRF token of the submitted form has expired."""
    return g.expired_form is not None


def is_submission() -> bool:
    """Return whether this request submits a form, even one with an expired token."""
    return is_expired_form() or request.method not in {"GET", "HEAD"}


def submitted_fields() -> list[tuple[str, str]]:
    """Return the submitted fields in order, without secrets, which must not be in a page."""
    submitted = request.form if g.expired_form is None else g.expired_form
    is_storable = storable_fields(request.endpoint or "")
    return [
        (name, value)
        for name, value in submitted.items(multi=True)
        if not name.endswith(NEVER_SAVED) and is_storable(name)
    ]
