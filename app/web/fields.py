"""Form fields and validators that WTForms lacks: times in the user's time zone, web addresses."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from flask_babel import get_timezone, gettext
from flask_babel.speaklater import LazyString
from wtforms import DateTimeLocalField, Field, ValidationError
from wtforms.form import BaseForm

from app.web.i18n import lazy_gettext as _

MAX_URL_LENGTH = 2000


class LocalTimeField(DateTimeLocalField):
    """A date and time that the user reads and enters in their time zone. `data` is in UTC.

    The `tz` of WTForms also changes a time that was not submitted, and has no answer to a time
    that exists in no other zone, such as midnight on the first day of year 1.
    """

    def __init__(self, label: str | None = None, validators: Any = None, **given: Any) -> None:
        given.setdefault("description", cast(str, LazyString(time_zone_hint)))
        super().__init__(label, validators, **given)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        return self.data.astimezone(time_zone()).replace(tzinfo=None).isoformat("T", "minutes")

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        if not valuelist:
            return
        super().process_formdata(list(valuelist))
        entered, self.data = self.data, None
        if entered is not None:
            self.data = in_utc(entered)


def in_utc(entered: datetime) -> datetime:
    """Convert a time in the zone of the user. One that the clock skips counts as an hour later."""
    try:
        return entered.replace(tzinfo=time_zone()).astimezone(UTC)
    except OverflowError as error:
        raise ValueError(gettext("Enter a date and a time.")) from error


def time_zone() -> ZoneInfo:
    return ZoneInfo(str(get_timezone()))


def time_zone_hint() -> str:
    hint: str = gettext("In your time zone, %(zone)s.", zone=str(get_timezone()))
    return hint


def is_web_address(form: BaseForm, field: Field) -> None:
    """Accept http and https only: a link to `javascript:` would run in the page (CWE-79)."""
    text = (field.data or "").strip()
    try:
        address = urlsplit(text)
        is_valid = address.scheme in {"http", "https"} and bool(address.hostname)
    except ValueError:  # such as an IPv6 address without its bracket
        is_valid = False
    if not is_valid or " " in text:
        raise ValidationError(_("Enter a web address, such as https://example.com."))
