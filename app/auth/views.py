"""Sign in, sign out, reauthenticate."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.auth.credentials import find_by_password, is_password_of
from app.auth.forms import LoginForm, ReauthenticationForm
from app.auth.responses import too_many_attempts_response
from app.auth.sign_in import PendingSignIn, complete_sign_out, continue_sign_in
from app.auth.throttle import TooManyAttempts
from app.sessions.current import current_user, get_current_user
from app.sessions.guards import public
from app.unit_of_work import commit_later
from app.users.accounts import has_users
from app.web.rate_limits import rate_limit
from app.web.redirects import path_after_sign_in

blueprint = Blueprint("auth", __name__)


@blueprint.route("/login", methods=["GET", "POST"])
@public
@rate_limit("60 per 3 minutes")
def login() -> ResponseReturnValue:
    form = LoginForm(next=request.args.get("next"))
    if current_user.is_authenticated and not form.is_submitted():
        return redirect(path_after_sign_in(form.next.data))
    if form.validate_on_submit():
        try:
            user = find_by_password(
                form.email.data or "", form.password.data or "", address=request.remote_addr or ""
            )
        except TooManyAttempts as refusal:
            return too_many_attempts_response("auth/login.html", form, refusal)
        if user is not None:
            return continue_sign_in(
                PendingSignIn(
                    user,
                    path_after_sign_in(form.next.data),
                    form.saved_form.data,
                    remembered=form.remember.data,
                )
            )
        form.form_errors.append(_("Incorrect email or password."))
    return render_template(
        "auth/login.html", form=form, first_run=current_app.debug and not has_users()
    ), form.status


@blueprint.route("/prove", methods=["GET", "POST"])
def prove() -> ResponseReturnValue:
    form = ReauthenticationForm(next=request.args.get("next"))
    form.email.data = current_user.email
    if form.validate_on_submit():
        try:
            is_correct = is_password_of(
                current_user, form.password.data or "", address=request.remote_addr or ""
            )
        except TooManyAttempts as refusal:
            return too_many_attempts_response("auth/prove.html", form, refusal)
        if is_correct:
            return continue_sign_in(
                PendingSignIn(
                    get_current_user(),
                    path_after_sign_in(form.next.data),
                    form.saved_form.data,
                    is_reauthentication=True,
                )
            )
        form.form_errors.append(_("Incorrect password."))
    return render_template("auth/prove.html", form=form), form.status


@blueprint.post("/logout")
@public
def logout() -> ResponseReturnValue:
    complete_sign_out()
    commit_later()
    flash(_("You have signed out."), "success")
    response = redirect(url_for("auth.login"), 303)
    # The Back button shows nothing private (S2). Not "cookies": theme and language stay.
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
