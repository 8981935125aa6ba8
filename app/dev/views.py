"""The outbox and the pattern book, for whoever develops."""

from flask import Blueprint, abort, make_response, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from app.clock import now
from app.database import db
from app.dev import samples
from app.mail.models import Message
from app.sessions.device import device_label
from app.sessions.guards import public

MOST_SHOWN = 100
# A mail brings its styles with it and may show pictures, and nothing in it may run or be sent.
LETTER_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data: https:; "
    "frame-ancestors 'self'; sandbox allow-popups allow-top-navigation-by-user-activation"
)

blueprint = Blueprint("dev", __name__, url_prefix="/dev")


@blueprint.get("/components")
@public
def components() -> str:
    """Show what pages are made of, each piece in all its states."""
    return render_template(
        "dev/components.html",
        empty=samples.empty_form(),
        filled=samples.filled_form(),
        refused=samples.refused_form(),
        logins=[samples.device(remembered=False), samples.device(remembered=True)],
        device_label=device_label,
        today=now(),
    )


@blueprint.get("/mail")
@public
def mail() -> str:
    newest = select(Message).order_by(Message.id.desc()).limit(MOST_SHOWN)
    return render_template("dev/mail.html", messages=db.session.scalars(newest).all())


@blueprint.get("/mail/<int:message_id>")
@public
def message(message_id: int) -> str:
    return render_template("dev/message.html", message=find(message_id))


@blueprint.get("/mail/<int:message_id>/letter")
@public
def letter(message_id: int) -> ResponseReturnValue:
    """Show the .html twin as a mail program would: a page of its own, for the frame above."""
    # A link in it opens the page itself, not the page within the frame.
    html = find(message_id).html.replace("<head>", '<head><base target="_top">', 1)
    response = make_response(html)
    response.headers["Content-Security-Policy"] = LETTER_POLICY
    return response


def find(message_id: int) -> Message:
    return db.session.get(Message, message_id) or abort(404)
