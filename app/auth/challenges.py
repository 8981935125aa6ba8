"""Ask for a sign-in, or for proof, and afterwards go on with what was wanted."""

from math import ceil

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_timedelta, gettext

from app.application import Application
from app.auth.forms import LoginForm, ProofForm
from app.auth.throttle import TooManyAttempts
from app.preferences.choices import clear_cached_preferences
from app.sessions.authenticate import PERSON
from app.sessions.cookies import seen_session
from app.sessions.current import current_user, forget_ended_login
from app.sessions.interrupted import keep_form, read_form
from app.sessions.lookup import Ending
from app.sessions.request_globals import g
from app.web.errors import wants_json
from app.web.forms import Form, was_sent
from app.web.i18n import lazy_gettext as _
from app.web.redirects import current_path
from app.web.secret_fields import labels_beside

WHY_SIGNED_OUT = {
    Ending.UNKNOWN: _(
        "You were signed out on this device: from another one, or with a change of your password."
    ),
    Ending.IDLE: _("You were signed out because nothing was done for a while."),
    Ending.EXPIRED: _("You were signed out because you had been signed in for a long time."),
    Ending.REUSED: _(
        "You were signed out because your sign-in was used from a copy. "
        "If that was not you, change your password."
    ),
}


def init_app(app: Application) -> None:
    manager = app.extensions["login_manager"]
    manager.unauthorized_handler(ask_to_sign_in)
    manager.needs_refresh_handler(ask_for_proof)


def ask_to_sign_in() -> ResponseReturnValue:
    """Send a visitor to the sign-in, say why they are one, and keep what they had typed."""
    if wants_json():
        abort(401)
    kept = keep_typed(seen_session().get(PERSON)) if was_sent() else None
    ending = g.end_reason
    if ending is not None:
        flash(str(WHY_SIGNED_OUT[ending]), "warning")
        forget_ended_login()
        clear_cached_preferences()
    if not was_sent():
        return redirect(url_for("auth.login", next=current_path()), 303)
    form = LoginForm(formdata=None, next=url_for("accounts.account"), interrupted=kept)
    return render_template("auth/login.html", form=form), 401


def ask_for_proof() -> ResponseReturnValue:
    """Ask who is sitting there before something dangerous, and keep what they had typed."""
    if wants_json():
        abort(401)
    if not was_sent():
        return redirect(url_for("auth.prove", next=current_path()), 303)
    form = ProofForm(
        formdata=None,
        email=current_user.email,
        next=url_for("accounts.account"),
        interrupted=keep_typed(current_user.id),
    )
    return render_template("auth/prove.html", form=form), 401


def keep_typed(person: int | None) -> str:
    """Keep the form that came with this request, or say that it cannot be kept."""
    kept = keep_form(person)
    if not kept:
        flash(
            gettext(
                "What you typed is too long to be kept. Go back, copy it, and send it once you "
                "have signed in."
            ),
            "warning",
        )
    return kept


def go_on(wanted: str, kept: str | None) -> ResponseReturnValue:
    """Return to what was wanted; a form that was interrupted is shown, to be sent by a button."""
    interrupted = read_form(kept, current_user.id)
    if interrupted is None:
        return redirect(wanted, 303)
    labels = labels_beside(interrupted.endpoint)
    return render_template("auth/go_on.html", interrupted=interrupted, labels=labels)


def ask_to_wait(
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
