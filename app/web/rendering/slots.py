"""Slots: places on a page into which other parts add templates.

A part adds its template in `init_app`. The page includes all that were added:
`{% for template in slot("devices") %}{% include template %}{% endfor %}`.
"""

from app.application import Application, ExtensionPoint

# (name of the slot, template)
slot_templates: ExtensionPoint[tuple[str, str]] = ExtensionPoint("slot_templates")


def init_app(app: Application) -> None:
    app.add_template_global(templates_in_slot, "slot")


def add_to_slot(app: Application, slot: str, template: str) -> None:
    """Include the template in the page that has this slot, in the order of PARTS."""
    slot_templates.add(app, (slot, template))


def templates_in_slot(slot: str) -> list[str]:
    return [template for name, template in slot_templates.items() if name == slot]
