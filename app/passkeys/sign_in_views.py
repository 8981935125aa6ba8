"""A passkey at the door: instead of a password, after one, and as proof.

A browser asks with GET for what its passkey shall sign, and answers with POST. Whoever opens such
an address by hand is sent to the page whose form leads here.
"""

from flask import abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.audit.actions import Action
from app.auth.forms import LoginForm, ReauthenticationForm
from app.auth.sign_in import PendingSignIn, finish_sign_in
from app.passkeys.authentication import PasskeyRefused, use_passkey
from app.passkeys.challenges import for_this_login
from app.passkeys.forms import UseForm
from app.passkeys.options import authentication_options, registration_options
from app.passkeys.registration import find_passkeys
from app.passkeys.relying_party import has_host_name
from app.passkeys.views import blueprint as blueprint
from app.sessions.current import current_user
from app.sessions.guards import public, reauthentication_required
from app.two_factor.forms import SecondStepForm
from app.two_factor.pending import find_pending, is_still_valid
from app.two_factor.requirement import allowed_without_second_factor
from app.two_factor.second_step import complete_second_step
from app.two_factor.views import show_second_step
from app.users.models import User
from app.web.errors import wants_json
from app.web.i18n import lazy_gettext
from app.web.rate_limits import rate_limit
from app.web.redirects import local_path

LOGIN = "login"
NOT_THEIRS = lazy_gettext("That is not a passkey of yours. Use another way.")
TOO_OFTEN = "60 per 3 minutes"


@blueprint.get("/passkeys/new")
@reauthentication_required
@allowed_without_second_factor
def new() -> ResponseReturnValue:
    if not wants_json():
        return redirect(url_for("passkeys.passkeys"))
    return tell_browser(registration_options(current_user, find_passkeys(current_user)))


@blueprint.route("/login/passkey", methods=["GET", "POST"])
@public
@rate_limit(TOO_OFTEN)
def login() -> ResponseReturnValue:
    if request.method == "GET":
        return (
            tell_browser(authentication_options(LOGIN))
            if wants_json()
            else redirect(url_for("auth.login"))
        )
    form = UseForm()
    wanted, kept = wanted_by(form), form.saved_form.data
    user = find_by_passkey(form, LOGIN)
    if user is not None:
        return finish_sign_in(PendingSignIn(user, wanted, kept, remembered=form.remember.data))
    page = LoginForm(formdata=None, next=wanted, saved_form=kept)
    page.form_errors.append(_("That passkey does not open an account here. Use another way."))
    return render_template("auth/login.html", form=page), 422


@blueprint.route("/prove/passkey", methods=["GET", "POST"])
def prove() -> ResponseReturnValue:
    what_for = for_this_login(f"proof of {current_user.id}")
    if request.method == "GET":
        if not wants_json():
            return redirect(url_for("auth.prove"))
        return tell_browser(authentication_options(what_for, find_passkeys(current_user)))
    form = UseForm()
    wanted, kept = wanted_by(form), form.saved_form.data
    user = find_by_passkey(form, what_for, current_user)
    if user is not None:
        return finish_sign_in(PendingSignIn(user, wanted, kept, is_reauthentication=True))
    page = ReauthenticationForm(
        formdata=None, email=current_user.email, next=wanted, saved_form=kept
    )
    page.form_errors.append(str(NOT_THEIRS))
    return render_template("auth/prove.html", form=page), 422


@blueprint.route("/login/second/passkey", methods=["GET", "POST"])
@public
@rate_limit(TOO_OFTEN)
def second() -> ResponseReturnValue:
    form = UseForm()
    pending = find_pending(form.saved_form.data)
    if pending is None or (request.method == "GET" and not wants_json()):
        return redirect(url_for("two_factor.second"), 303)
    owner = pending.pending_sign_in.user
    what_for = f"second step of {owner.id}"
    if request.method == "GET":
        return tell_browser(authentication_options(what_for, find_passkeys(owner)))
    failure = Action.SECOND_FACTOR_FAILED
    if is_still_valid(pending) and find_by_passkey(form, what_for, owner, failure) is not None:
        return complete_second_step(pending, trusts_device=form.trust.data)
    page = SecondStepForm(
        formdata=None, asks_to_trust=not pending.pending_sign_in.is_reauthentication
    )
    page.form_errors.append(str(NOT_THEIRS))
    return show_second_step(page, pending)


def wanted_by(form: UseForm) -> str:
    return local_path(form.next.data) or url_for("accounts.account")


def find_by_passkey(
    form: UseForm,
    what_for: str,
    user: User | None = None,
    failure: Action = Action.LOGIN_FAILED,
) -> User | None:
    """Return whose passkey made the answer in this form, or None; `user` if it must be theirs."""
    if not form.validate_on_submit():
        return None
    try:
        return use_passkey(form.credential.data or "", what_for, user, failure)
    except PasskeyRefused as refusal:
        current_app.logger.warning("a passkey was refused: %s", refusal)
        return None


def tell_browser(options: str) -> ResponseReturnValue:
    """Answer with options, which are for this browser and this moment only."""
    if not has_host_name():
        abort(404)
    headers = {"Content-Type": "application/json", "Cache-Control": "no-store"}
    return options, headers
