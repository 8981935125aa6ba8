"""The page on which users see the security events of their account."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from app.audit.models import SecurityEvent
from app.sessions.current import current_user
from app.sessions.device_labels import device_label
from app.web.pagination import paginate

blueprint = Blueprint("activity", __name__)


@blueprint.get("/activity")
def activity() -> ResponseReturnValue:
    own = select(SecurityEvent).where(SecurityEvent.user_id == current_user.id)
    page = paginate(own.order_by(SecurityEvent.id.desc()))
    return render_template("activity/activity.html", page=page, device_label=device_label)
