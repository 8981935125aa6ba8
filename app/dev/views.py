"""The outbox and the pattern book, for whoever develops."""

from flask import Blueprint, abort, make_response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from sqlalchemy import select

from app.clock import now
from app.database import db
from app.dev import samples
from app.dev.sample_mails import VALUES, list_mails
from app.mail.models import Message
from app.mail.templates import Written, write_mail
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
    """Show what was written, and below it every mail there is."""
    newest = select(Message).order_by(Message.id.desc()).limit(MOST_SHOWN)
    kept = db.session.scalars(newest).all()
    return render_template("dev/mail.html", messages=kept, samples=list_mails())


@blueprint.get("/mail/sample/<path:name>")
@public
def sample(name: str) -> str:
    return render_template("dev/sample.html", message=write_sample(name), name=name)


@blueprint.get("/mail/sample/<path:name>/letter")
@public
def sample_letter(name: str) -> ResponseReturnValue:
    return show_letter(write_sample(name).html)


@blueprint.get("/mail/<int:message_id>")
@public
def message(message_id: int) -> str:
    return render_template("dev/message.html", message=find(message_id))


@blueprint.get("/mail/<int:message_id>/letter")
@public
def letter(message_id: int) -> ResponseReturnValue:
    return show_letter(find(message_id).html)


def show_letter(html: str) -> ResponseReturnValue:
    """Answer with an .html twin as a mail program would show it, for a frame in a page of ours."""
    # A link in it opens the page itself, not the page within the frame.
    response = make_response(html.replace("<head>", '<head><base target="_top">', 1))
    response.headers["Content-Security-Policy"] = LETTER_POLICY
    return response


def write_sample(name: str) -> Written:
    """Return the mail of this name, in the language in force. Raises NotFound."""
    if name not in list_mails():
        abort(404)
    return write_mail(name, str(get_locale()), VALUES)


def find(message_id: int) -> Message:
    return db.session.get(Message, message_id) or abort(404)
