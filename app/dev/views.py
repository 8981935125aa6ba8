"""Development pages: the outbox with all email templates, and the component gallery."""

from flask import Blueprint, abort, make_response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from sqlalchemy import select

from app.clock import now
from app.database import db
from app.dev import samples
from app.dev.sample_mails import VALUES, list_mails
from app.mail.models import Message
from app.mail.templates import RenderedMail, render_mail
from app.sessions.device_labels import device_label
from app.sessions.guards import public

MAX_SHOWN = 100
# An email has inline styles and may show pictures. It must not run scripts or send forms.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data: https:; "
    "frame-ancestors 'self'; sandbox allow-popups allow-top-navigation-by-user-activation"
)

blueprint = Blueprint("dev", __name__, url_prefix="/dev")


@blueprint.get("/components")
@public
def components() -> str:
    """Show every template component in all its states."""
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
    """List the newest emails of the outbox, and every email template."""
    newest = select(Message).order_by(Message.id.desc()).limit(MAX_SHOWN)
    messages = db.session.scalars(newest).all()
    return render_template("dev/mail.html", messages=messages, samples=list_mails())


@blueprint.get("/mail/sample/<path:name>")
@public
def sample(name: str) -> str:
    return render_template("dev/sample.html", message=render_sample(name), name=name)


@blueprint.get("/mail/sample/<path:name>/html")
@public
def sample_html(name: str) -> ResponseReturnValue:
    return html_response(render_sample(name).html)


@blueprint.get("/mail/<int:message_id>")
@public
def message(message_id: int) -> str:
    return render_template("dev/message.html", message=get_message(message_id))


@blueprint.get("/mail/<int:message_id>/html")
@public
def message_html(message_id: int) -> ResponseReturnValue:
    return html_response(get_message(message_id).html)


def html_response(html: str) -> ResponseReturnValue:
    """Return the HTML of an email, to be shown in a frame as an email program shows it."""
    # Links must open in the whole window, not inside the frame.
    response = make_response(html.replace("<head>", '<head><base target="_top">', 1))
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


def render_sample(name: str) -> RenderedMail:
    """Render an email with sample values in the current language. Raises NotFound."""
    if name not in list_mails():
        abort(404)
    return render_mail(name, str(get_locale()), VALUES)


def get_message(message_id: int) -> Message:
    return db.get_or_404(Message, message_id)
