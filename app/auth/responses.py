"""Require a sign-in or reauthentication, and then continue with the original request."""

from collections.abc import Iterator
from math import ceil

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_timedelta, gettext
from werkzeug.exceptions import MethodNotAllowed, NotFound

from app.application import Application
from app.auth.forms import LoginForm, ReauthenticationForm
from app.auth.throttle import TooManyAttempts
from app.checks import Finding, error, setting_checks
from app.preferences.choices import clear_cached_preferences
from app.sessions.authenticate import USER_ID, EndReason
from app.sessions.cookies import seen_session
from app.sessions.current import clear_ended_login, current_user
from app.sessions.request_globals import g
from app.web.errors import wants_json
from app.web.forms import Form, is_submission
from app.web.i18n import lazy_gettext as _
from app.web.redirects import current_path, path_after_sign_in
from app.web.saved_form import load_form, save_form
from app.web.secret_fields import field_labels

END_MESSAGES = {
    EndReason.UNKNOWN: _("You were signed out on this device. Please sign in again."),
    EndReason.IDLE: _("You were signed out because you were inactive. Please sign in again."),
    EndReason.EXPIRED: _("For your security, please sign in again."),
    EndReason.REUSED: _(
        "We signed you out because someone may have copied your session. "
        "Sign in and change your password."
    ),
}


def init_app(app: Application) -> None:
    manager = app.extensions["login_manager"]
    manager.unauthorized_handler(handle_unauthenticated)
    manager.needs_refresh_handler(require_reauthentication)
    setting_checks.add(app, check_page_after_sign_in)


def check_page_after_sign_in(app: Application) -> Iterator[Finding]:
    path = app.config["PAGE_AFTER_SIGN_IN"]
    try:
        app.url_map.bind("").match(path.partition("?")[0])
    except (NotFound, MethodNotAllowed):
        yield error(
            f"PAGE_AFTER_SIGN_IN is {path}, and there is no such page, so a sign-in would end in "
            "an error. Write the path of a page, such as /account."
        )


def handle_unauthenticated() -> ResponseReturnValue:
    """Redirect to the sign-in page, or show it with the submitted form saved (401).

    If the login of this browser has ended, the page says why.
    """
    if wants_json():
        abort(401)
    saved = save_submitted_form(seen_session().get(USER_ID)) if is_submission() else None
    if g.end_reason is not None:
        flash(str(END_MESSAGES[g.end_reason]), "warning")
        clear_ended_login()
        clear_cached_preferences()
    if not is_submission():
        return redirect(url_for("auth.login", next=current_path()), 303)
    form = LoginForm(formdata=None, next=path_after_sign_in(None), saved_form=saved)
    return render_template("auth/login.html", form=form), 401


def require_reauthentication() -> ResponseReturnValue:
    """Redirect to the reauthentication page, or show it with the submitted form saved (401)."""
    if wants_json():
        abort(401)
    if not is_submission():
        return redirect(url_for("auth.prove", next=current_path()), 303)
    form = ReauthenticationForm(
        formdata=None,
        email=current_user.email,
        next=path_after_sign_in(None),
        saved_form=save_submitted_form(current_user.id),
    )
    return render_template("auth/prove.html", form=form), 401


def save_submitted_form(user_id: int | None) -> str:
    """Return the submitted form, signed; "" with a message to the user if it is too long."""
    saved = save_form(user_id)
    if not saved:
        flash(
            gettext(
                "Your entries are too long to be saved. Go back, copy them, and send them after "
                "you have signed in."
            ),
            "warning",
        )
    return saved


def continue_to(next_url: str, saved: str | None) -> ResponseReturnValue:
    """Redirect to the requested page, or show the saved form with a button that sends it."""
    saved_form = load_form(saved, current_user.id)
    if saved_form is None:
        return redirect(next_url, 303)
    labels = field_labels(saved_form.endpoint)
    return render_template("auth/continue.html", saved_form=saved_form, labels=labels)


def too_many_attempts_response(
    template: str, form: Form, refusal: TooManyAttempts, **values: object
) -> ResponseReturnValue:
    """Return the form with the time to wait, and 429 with Retry-After (RFC 6585, 4)."""
    seconds = max(1, ceil(refusal.wait.total_seconds()))
    form.form_errors.append(
        gettext(
            "Too many attempts. Try again in %(wait)s, or use a device on which you have signed "
            "in before.",
            wait=format_timedelta(seconds, threshold=2),
        )
    )
    return render_template(template, form=form, **values), 429, {"Retry-After": str(seconds)}
