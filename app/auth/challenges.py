"""Ask for a sign-in, or for proof, and afterwards go on with what was wanted."""

from math import ceil

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_timedelta, gettext

from app.application import Application
from app.auth.forms import LoginForm, ReauthenticationForm
from app.auth.throttle import TooManyAttempts
from app.preferences.choices import clear_cached_preferences
from app.sessions.authenticate import USER_ID
from app.sessions.cookies import seen_session
from app.sessions.current import clear_ended_login, current_user
from app.sessions.lookup import EndReason
from app.sessions.request_globals import g
from app.web.errors import wants_json
from app.web.forms import Form, is_submission
from app.web.i18n import lazy_gettext as _
from app.web.redirects import current_path
from app.web.saved_form import load_form, save_form
from app.web.secret_fields import field_labels

WHY_SIGNED_OUT = {
    EndReason.UNKNOWN: _(
        "You were signed out on this device: from another one, or with a change of your password."
    ),
    EndReason.IDLE: _("You were signed out because nothing was done for a while."),
    EndReason.EXPIRED: _("You were signed out because you had been signed in for a long time."),
    EndReason.REUSED: _(
        "You were signed out because your sign-in was used from a copy. "
        "If that was not you, change your password."
    ),
}


def init_app(app: Application) -> None:
    manager = app.extensions["login_manager"]
    manager.unauthorized_handler(handle_unauthenticated)
    manager.needs_refresh_handler(require_reauthentication)


def handle_unauthenticated() -> ResponseReturnValue:
    """Send a visitor to the sign-in, say why they are one, and keep what they had typed."""
    if wants_json():
        abort(401)
    kept = save_submitted_form(seen_session().get(USER_ID)) if is_submission() else None
    ending = g.end_reason
    if ending is not None:
        flash(str(WHY_SIGNED_OUT[ending]), "warning")
        clear_ended_login()
        clear_cached_preferences()
    if not is_submission():
        return redirect(url_for("auth.login", next=current_path()), 303)
    form = LoginForm(formdata=None, next=url_for("accounts.account"), saved_form=kept)
    return render_template("auth/login.html", form=form), 401


def require_reauthentication() -> ResponseReturnValue:
    """Ask who is sitting there before something dangerous, and keep what they had typed."""
    if wants_json():
        abort(401)
    if not is_submission():
        return redirect(url_for("auth.prove", next=current_path()), 303)
    form = ReauthenticationForm(
        formdata=None,
        email=current_user.email,
        next=url_for("accounts.account"),
        saved_form=save_submitted_form(current_user.id),
    )
    return render_template("auth/prove.html", form=form), 401


def save_submitted_form(person: int | None) -> str:
    """Keep the form that came with this request, or say that it cannot be kept."""
    kept = save_form(person)
    if not kept:
        flash(
            gettext(
                "What you typed is too long to be kept. Go back, copy it, and send it once you "
                "have signed in."
            ),
            "warning",
        )
    return kept


def continue_to(wanted: str, kept: str | None) -> ResponseReturnValue:
    """Return to what was wanted; a form that was saved_form is shown, to be sent by a button."""
    saved_form = load_form(kept, current_user.id)
    if saved_form is None:
        return redirect(wanted, 303)
    labels = field_labels(saved_form.endpoint)
    return render_template("auth/continue.html", saved_form=saved_form, labels=labels)


def too_many_attempts_response(
    template: str, form: Form, refusal: TooManyAttempts, **values: object
) -> ResponseReturnValue:
    """Give the form back and say when the next try is taken (RFC 6585, 4)."""
    seconds = max(1, ceil(refusal.wait.total_seconds()))
    form.form_errors.append(
        gettext(
            "There were too many tries, and this one was not looked at. Try again in %(wait)s, or "
            "on a device that you have signed in with before.",
            wait=format_timedelta(seconds, threshold=2),
        )
    )
    return render_template(template, form=form, **values), 429, {"Retry-After": str(seconds)}
