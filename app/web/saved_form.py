"""Forms that come too late: their token no longer holds, and nothing is done.

The view runs as the GET it was opened by, which only reads, and so its own form comes back, filled
in. Where that is not what it answers (it has no page, or takes what was typed by itself), a page
of ours asks to send the same once more. Nothing that was typed is lost but secrets.
"""

from flask import Response, current_app, render_template, request
from werkzeug.datastructures import ImmutableMultiDict

from app.request_globals import g
from app.web.forms import is_late, typed_fields
from app.web.redirects import current_path
from app.web.secret_fields import labels_beside


def downgrade_to_get() -> Response | None:
    """Run the view as the GET of its page, if the CSRF token of the form has expired.

    Called once it is known that the user may open the page.
    """
    if not is_late():
        return None
    if request.url_rule is None or "GET" not in (request.url_rule.methods or ()):
        return ask_again()
    request.method, request.form = "GET", ImmutableMultiDict()
    return None


def restore_post(response: Response) -> Response:
    """Return the form: the one that the view has rendered, or a page that sends it again."""
    if g.expired_form is None:
        return response
    request.method, request.form = "POST", g.expired_form
    return response if response.status_code >= 400 else ask_again()


def ask_again() -> Response:
    """Return a page with what was sent, and a button that sends it, under a new token."""
    page = render_template(
        "send_again.html",
        path=current_path(),
        fields=typed_fields(),
        labels=labels_beside(request.endpoint or ""),
    )
    return current_app.make_response((page, 422))
