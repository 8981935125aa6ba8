"""Sign in with a passkey: instead of a password, as a second factor, and to reauthenticate.

A script requests the options with GET as JSON, and the form posts the response. A GET for HTML
redirects to the page with the form.
"""

from flask import abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.audit.actions import Action
from app.auth.forms import LoginForm, ReauthenticationForm
from app.auth.sign_in import PendingSignIn, finish_sign_in
from app.passkeys.authentication import PasskeyRefused, use_passkey
from app.passkeys.challenges import purpose_for_this_login
from app.passkeys.forms import UseForm
from app.passkeys.options import authentication_options, registration_options
from app.passkeys.registration import find_passkeys
from app.passkeys.relying_party import has_host_name
from app.passkeys.views import blueprint as blueprint
from app.sessions.current import current_user
from app.sessions.guards import public, reauthentication_required
from app.two_factor.actions import SECOND_FACTOR_FAILED
from app.two_factor.forms import SecondStepForm
from app.two_factor.pending_sign_in import find_pending, is_still_valid
from app.two_factor.requirement import allowed_without_second_factor
from app.two_factor.second_step import complete_second_step
from app.two_factor.views import show_second_step
from app.users.models import User
from app.web.errors import wants_json
from app.web.i18n import lazy_gettext
from app.web.rate_limits import rate_limit
from app.web.redirects import path_after_sign_in

LOGIN = "login"
NOT_YOURS = lazy_gettext("This passkey does not belong to your account. Use another method.")
RATE_LIMIT = "60 per 3 minutes"


@blueprint.get("/passkeys/new")
@reauthentication_required
@allowed_without_second_factor
def new() -> ResponseReturnValue:
    if not wants_json():
        return redirect(url_for("passkeys.passkeys"))
    return options_response(registration_options(current_user, find_passkeys(current_user)))


@blueprint.route("/login/passkey", methods=["GET", "POST"])
@public
@rate_limit(RATE_LIMIT)
def login() -> ResponseReturnValue:
    if request.method == "GET":
        return (
            options_response(authentication_options(LOGIN))
            if wants_json()
            else redirect(url_for("auth.login"))
        )
    form = UseForm()
    next_url, saved_form = path_after_sign_in(form.next.data), form.saved_form.data
    user = authenticate_by_passkey(form, LOGIN)
    if user is not None:
        return finish_sign_in(
            PendingSignIn(user, next_url, saved_form, remembered=form.remember.data)
        )
    page = LoginForm(formdata=None, next=next_url, saved_form=saved_form)
    page.form_errors.append(
        _("This passkey does not belong to an account here. Use another method.")
    )
    return render_template("auth/login.html", form=page), 422


@blueprint.route("/prove/passkey", methods=["GET", "POST"])
def prove() -> ResponseReturnValue:
    purpose = purpose_for_this_login(f"proof of {current_user.id}")
    if request.method == "GET":
        if not wants_json():
            return redirect(url_for("auth.prove"))
        return options_response(authentication_options(purpose, find_passkeys(current_user)))
    form = UseForm()
    next_url, saved_form = path_after_sign_in(form.next.data), form.saved_form.data
    user = authenticate_by_passkey(form, purpose, current_user)
    if user is not None:
        return finish_sign_in(PendingSignIn(user, next_url, saved_form, is_reauthentication=True))
    page = ReauthenticationForm(
        formdata=None, email=current_user.email, next=next_url, saved_form=saved_form
    )
    page.form_errors.append(str(NOT_YOURS))
    return render_template("auth/prove.html", form=page), 422


@blueprint.route("/login/second/passkey", methods=["GET", "POST"])
@public
@rate_limit(RATE_LIMIT)
def second() -> ResponseReturnValue:
    form = UseForm()
    pending = find_pending(form.saved_form.data)
    if pending is None or (request.method == "GET" and not wants_json()):
        return redirect(url_for("two_factor.second"), 303)
    owner = pending.sign_in.user
    purpose = f"second step of {owner.id}"
    if request.method == "GET":
        return options_response(authentication_options(purpose, find_passkeys(owner)))
    failure = SECOND_FACTOR_FAILED
    if (
        is_still_valid(pending)
        and authenticate_by_passkey(form, purpose, owner, failure) is not None
    ):
        return complete_second_step(pending, trusts_device=form.trust.data)
    page = SecondStepForm(formdata=None, asks_to_trust=not pending.sign_in.is_reauthentication)
    page.form_errors.append(str(NOT_YOURS))
    return show_second_step(page, pending)


def authenticate_by_passkey(
    form: UseForm,
    purpose: str,
    user: User | None = None,
    failure: str = Action.LOGIN_FAILED,
) -> User | None:
    """Return the user whose passkey made the response in this form, or None.

    `user` is the required owner, where it is known.
    """
    if not form.validate_on_submit():
        return None
    try:
        return use_passkey(form.credential.data or "", purpose, user, failure)
    except PasskeyRefused as refusal:
        current_app.logger.warning("A passkey was refused: %s.", refusal)
        return None


def options_response(options: str) -> ResponseReturnValue:
    """Return the options as JSON, which no cache may store."""
    if not has_host_name():
        abort(404)
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return options, headers
