"""The preferences there are: each with its choices, its default and its lifetime."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files

from app.words import lazy as _

# What `locale` may be, each in its own words. A new one also needs its folder in translations/.
LOCALES = {"en": "English", "de": "Deutsch", "es": "Español"}
AS_THE_BROWSER_ASKS = "auto"


def time_zones() -> dict[str, str]:
    """Return the zones that are named for a place, and UTC, each with the words for it.

    The rest of the list is no choice for a person: `Factory`, names kept for old programs, and
    `Etc/GMT+5`, which is five hours behind. It is that of the tzdata package, which every machine
    has alike; to ask the system opens 600 files.
    """
    zones = files("tzdata").joinpath("zones").read_text().split()
    places = {zone for zone in zones if "/" in zone and zone[:4] != "Etc/"}
    return {zone: zone.replace("_", " ") for zone in ["UTC", *sorted(places)]}


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
    hint: str = ""

    def read(self, value: object) -> str:
        """Return the value if it is one of the choices, else the default."""
        return str(value) if self.allows(value) else self.default

    def allows(self, value: object) -> bool:
        return isinstance(value, str) and value in self.choices


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
        Preference(
            name="locale",
            label=_("Language"),
            choices={AS_THE_BROWSER_ASKS: _("As the browser asks"), **LOCALES},
            default=AS_THE_BROWSER_ASKS,
            lifetime=timedelta(days=365),
            stays_at_sign_out=True,
        ),
        Preference(
            name="time_zone",
            label=_("Time zone"),
            choices=time_zones(),
            default="UTC",
            lifetime=timedelta(days=30),
            stays_at_sign_out=False,
            hint=_("Every time on these pages and in mails to you is told in it."),
        ),
        Preference(
            name="page_size",
            label=_("Lines on a page"),
            choices={"10": "10", "25": "25", "50": "50", "100": "100"},
            default="25",
            lifetime=timedelta(days=30),
            stays_at_sign_out=False,
            hint=_("How much a long list shows at a time."),
        ),
    )
}
