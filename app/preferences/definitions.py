"""Every preference, with its choices, default and lifetime.

A part or a product adds its own with add_preferences() (app/preferences/__init__.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files

from app.application import ExtensionPoint
from app.preferences.locales import FOLLOW_BROWSER, LOCALES  # part: languages
from app.web.i18n import lazy_gettext as _
from app.web.pagination import DEFAULT_PAGE_SIZE


def time_zones() -> dict[str, str]:
    """Return UTC and all time zones named for a place, with their labels.

    Excludes `Factory`, legacy names, and `Etc/GMT+5`, which means five hours *behind* UTC. Read
    from the tzdata package, which is the same on every machine; zoneinfo opens 600 files to list
    the system's.
    """
    zones = files("tzdata").joinpath("zones").read_text().split()
    places = {zone for zone in zones if "/" in zone and zone[:4] != "Etc/"}
    return {zone: zone.replace("_", " ") for zone in ["UTC", *sorted(places)]}


@dataclass(frozen=True)
class Preference:
    name: str
    label: str
    # Each value, with its label.
    choices: Mapping[str, str]
    default: str
    # How long a visitor's choice is kept in the cookie session. A user's row does not expire.
    lifetime: timedelta
    # Whether the value may remain in the browser after signing out.
    non_identifying: bool
    hint: str = ""
    # Whether visitors cannot choose it. For them, it has its default.
    signed_in_only: bool = False

    def read(self, value: object) -> str:
        """Return the value if it is one of the choices, else the default."""
        return str(value) if self.allows(value) else self.default

    def allows(self, value: object) -> bool:
        return isinstance(value, str) and value in self.choices


declared_preferences: ExtensionPoint[Preference] = ExtensionPoint("declared_preferences")


def get_preference(name: str) -> Preference:
    """Return the definition of a preference. Raises LookupError if no part has added it."""
    for declared in declared_preferences.items():
        if declared.name == name:
            return declared
    raise LookupError(
        f"The preference {name!r} is not declared. Add it with add_preferences() in the init_app "
        "of its part (app/preferences/__init__.py)."
    )


PREFERENCES = {
    preference.name: preference
    for preference in (
        Preference(
            name="theme",
            label=_("Theme"),
            choices={"system": _("System"), "light": _("Light"), "dark": _("Dark")},
            default="system",
            lifetime=timedelta(days=365),
            non_identifying=True,
        ),
        # part: languages
        Preference(
            name="locale",
            label=_("Language"),
            choices={FOLLOW_BROWSER: _("Same as browser"), **LOCALES},
            default=FOLLOW_BROWSER,
            lifetime=timedelta(days=365),
            non_identifying=True,
        ),
        # end part: languages
        Preference(
            name="time_zone",
            label=_("Time zone"),
            choices=time_zones(),
            default="UTC",
            lifetime=timedelta(days=30),
            non_identifying=False,
            hint=_("Used for all dates and times on the site and in emails."),
        ),
        Preference(
            name="page_size",
            label=_("Items per page"),
            choices={"10": "10", "25": "25", "50": "50", "100": "100"},
            default=str(DEFAULT_PAGE_SIZE),
            lifetime=timedelta(days=30),
            non_identifying=False,
            hint=_("How many items long lists show per page."),
        ),
    )
}
