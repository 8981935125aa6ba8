"""The page on which users see the security events of their account."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.activity.queries import list_events
from app.sessions.current import current_user
from app.sessions.device_labels import device_label
from app.web.pagination import page_size

# The largest integer of both databases.
MAX_ID = 2**63 - 1

blueprint = Blueprint("activity", __name__)


@blueprint.get("/activity")
def activity() -> ResponseReturnValue:
    before = request.args.get("before", MAX_ID, type=event_id)
    events, older = list_events(current_user.id, before=before, size=page_size())
    return render_template(
        "activity/activity.html",
        events=events,
        older=older,
        is_newest=before == MAX_ID,
        device_label=device_label,
    )


def event_id(text: str) -> int:
    """Return an id in the range of the database. Raises ValueError for other text."""
    return min(abs(int(text)), MAX_ID)
