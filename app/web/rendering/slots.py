"""Places on a page that other parts fill, so that the page need not know them.

A part names its template in `init_app`; the page includes what was named:
`{% for template in slot("devices") %}{% include template %}{% endfor %}`.
"""

from flask import current_app

from app.application import Application

SLOTS = "slots"


def init_app(app: Application) -> None:
    app.add_template_global(slot)


def add_to_slot(app: Application, name: str, template: str) -> None:
    """Have the page that offers this place include the template, after those of parts above."""
    app.extensions.setdefault(SLOTS, {}).setdefault(name, []).append(template)


def slot(name: str) -> list[str]:
    """Return the templates that fill a place, the part's first that stands first in PARTS."""
    filled: list[str] = current_app.extensions.get(SLOTS, {}).get(name, [])
    return filled
