"""The preferences there are: each with its choices, its default and its lifetime."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from app.words import lazy as _


@dataclass(frozen=True)
class Preference:
    name: str
    label: str
    # What may be chosen, and the words for it.
    choices: Mapping[str, str]
    default: str
    # How long a visitor's choice is kept in the cookie; a person's is kept in their row.
    lifetime: timedelta
    # Whether it stays in the browser at sign-out: only what tells nobody who was here.
    stays_at_sign_out: bool

    def read(self, value: object) -> str:
        """Return the value if it is one of the choices, else the default."""
        return value if isinstance(value, str) and value in self.choices else self.default


PREFERENCES = {
    preference.name: preference
    for preference in (
        Preference(
            name="theme",
            label=_("Theme"),
            choices={"system": _("System"), "light": _("Light"), "dark": _("Dark")},
            default="system",
            lifetime=timedelta(days=365),
            stays_at_sign_out=True,
        ),
    )
}
