"""The navigation: the links that parts add to the head of every page.

A part adds its links in `init_app`. They are shown in the order of PARTS, before those to the
account and the preferences.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import request

from app.application import Application, ExtensionPoint


@dataclass(frozen=True)
class NavigationLink:
    endpoint: str
    # lazy_gettext(), because the navigation is in the language of each user.
    label: str
    # The values of the URL, such as {"name": "help"}.
    values: Mapping[str, str | int] = field(default_factory=dict)
    # Whether visitors see it too.
    for_visitors: bool = False

    def is_current(self) -> bool:
        """Return whether it leads to the page of this request."""
        given = request.view_args or {}
        return request.endpoint == self.endpoint and self.values.items() <= given.items()


navigation_links: ExtensionPoint[NavigationLink] = ExtensionPoint("navigation_links")


def init_app(app: Application) -> None:
    app.add_template_global(navigation_links.items, "navigation_links")
    app.add_template_global(current_link)


def current_link() -> int | None:
    """Return the position of the link to this page, or None if there is none."""
    positions = (at for at, link in enumerate(navigation_links.items()) if link.is_current())
    return next(positions, None)
