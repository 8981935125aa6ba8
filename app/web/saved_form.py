"""Forms whose CSRF token has expired, or that a sign-in has interrupted: no input is lost.

If the token has expired, nothing is changed. The view runs as the GET of its page, which only
reads, and returns its form as it was filled in. If it returns something else, a page offers to
submit the same form again. A form that needs a new sign-in is signed and kept in a hidden field of
the sign-in pages; it is not stored. Secrets (app/web/secret_fields.py) are never in a page again.
"""

from dataclasses import dataclass
from datetime import timedelta

from flask import Response, current_app, render_template, request
from itsdangerous import BadData
from werkzeug.datastructures import ImmutableMultiDict
from wtforms import HiddenField
from wtforms.validators import Length

from app.clock import now
from app.crypto.signing import signer
from app.web.forms import is_expired_form, submitted_fields
from app.web.redirects import current_path, local_path
from app.web.secret_fields import field_labels

PURPOSE = "saved form"
LIFETIME = timedelta(days=1)
# Characters. The signed form must fit into one field of the next form (MAX_FORM_MEMORY_SIZE).
MAX_SAVED_LENGTH = 480_000


@dataclass
class SavedForm:
    path: str
    # The endpoint of the view, whose forms know the labels of the fields.
    endpoint: str
    fields: list[tuple[str, str]]


def saved_form_field() -> HiddenField:
    """Return the hidden field that keeps a saved form during a sign-in."""
    return HiddenField("", [Length(max=MAX_SAVED_LENGTH)])


def save_form(user_id: int | None) -> str:
    """Return the form of this request, signed; "" if it is too long.

    Only the user `user_id` can load it again; anyone can if it is None (it came from a visitor).
    """
    until = int((now() + LIFETIME).timestamp())
    form = [current_path(), request.endpoint, submitted_fields(), user_id, until]
    saved = signer(PURPOSE).dumps(form)
    return saved if len(saved) <= MAX_SAVED_LENGTH else ""


def load_form(saved: str | None, user_id: int) -> SavedForm | None:
    """Return the form that save_form() signed, or None if it is invalid or another user's."""
    if not saved:
        return None
    try:
        path, endpoint, fields, owner_id, until = signer(PURPOSE).loads(saved)
    except (BadData, ValueError):
        return None
    is_valid = now().timestamp() < until and owner_id in {None, user_id}
    if not is_valid or local_path(path) is None:
        return None
    return SavedForm(path, endpoint, [(name, value) for name, value in fields])


def downgrade_to_get() -> Response | None:
    """Run the view as the GET of its page, if the CSRF token of the form has expired.

    Called once it is known that the user may open the page.
    """
    if not is_expired_form():
        return None
    if request.url_rule is None or "GET" not in (request.url_rule.methods or ()):
        return send_again_page()
    request.method, request.form = "GET", ImmutableMultiDict()
    return None


def restore_post(response: Response, expired_form: ImmutableMultiDict[str, str]) -> Response:
    """Return the form that the view has rendered, or else a page that sends it again."""
    request.method, request.form = "POST", expired_form
    return response if response.status_code >= 400 else send_again_page()


def send_again_page() -> Response:
    """Return a page with the submitted fields, and a button that sends them with a new token."""
    page = render_template(
        "send_again.html",
        path=current_path(),
        fields=submitted_fields(),
        labels=field_labels(request.endpoint or ""),
    )
    return current_app.make_response((page, 422))
