"""Staff: pages on which staff see users, act on them, and watch background work (P4, P5)."""

from collections.abc import Iterator

from flask import current_app

from app.application import Application, doctor_warnings
from app.audit.actions import action_kinds
from app.staff import (
    actions,
    events_views,
    factor_reset_views,
    jobs_views,
    mails_views,
    pages,
    people_views,
    schedules_views,
)
from app.staff.pages import StaffPage, staff_page, staff_pages
from app.staff.settings import Settings
from app.users import first_steps_hints
from app.web.rendering.slots import add_to_slot

__all__ = ["StaffPage", "staff_page", "staff_pages"]

SETTINGS = Settings


def init_app(app: Application) -> None:
    action_kinds.add(app, *actions.KINDS)
    pages.init_app(app)
    people_views.init_app(app)
    factor_reset_views.init_app(app)
    events_views.init_app(app)
    jobs_views.init_app(app)
    mails_views.init_app(app)
    schedules_views.init_app(app)
    add_to_slot(app, "account_data", "staff/components/account.html")
    doctor_warnings.add(app, warn_without_second_factor)
    first_steps_hints.add(app, hint_at_pages)


def hint_at_pages() -> Iterator[str]:
    yield f"The pages of staff: {current_app.config['BASE_URL']}/staff"
    if current_app.config["STAFF_SECOND_FACTOR"]:
        yield "They require two-factor authentication (STAFF_SECOND_FACTOR=false turns that off)."


def warn_without_second_factor() -> Iterator[str]:
    if not current_app.config["STAFF_SECOND_FACTOR"]:
        yield (
            "STAFF_SECOND_FACTOR is false, so a stolen password opens the pages of staff. "
            "Use it in development only."
        )
