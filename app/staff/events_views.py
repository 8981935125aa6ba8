"""The list of all security events, and of those of one user."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.application import Application
from app.audit.models import SecurityEvent
from app.database import db
from app.roles import Permission
from app.sessions.current import get_current_user
from app.sessions.device_labels import device_label
from app.staff.events import events_with_users, record_look
from app.staff.pages import StaffPage, staff_page, staff_pages
from app.users.models import User
from app.web.i18n import lazy_gettext
from app.web.pagination import paginate

blueprint = Blueprint("staff_events", __name__)


def init_app(app: Application) -> None:
    app.register_blueprint(blueprint)
    staff_pages.add(
        app, StaffPage("staff_events.events", lazy_gettext("Events"), Permission.SEE_EVENTS)
    )


@blueprint.get("/staff/events")
@staff_page(Permission.SEE_EVENTS)
def events() -> ResponseReturnValue:
    """Show all events, or with `?user=<id>` those of one user."""
    user_id = request.args.get("user", type=int)
    user = db.get_or_404(User, user_id) if user_id is not None else None
    found = events_with_users()
    page = paginate(found.where(SecurityEvent.user_id == user.id) if user else found)
    if user is not None:
        record_look(get_current_user(), user, [event for event, *_ in page.rows])
    return render_template("staff/events.html", page=page, user=user, device_label=device_label)
