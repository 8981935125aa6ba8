"""The second step after the password, and the page on which a second factor is set up."""

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.auth.challenges import too_many_attempts_response
from app.auth.throttle import TooManyAttempts
from app.sessions.current import get_current_user, lock_current_login
from app.sessions.device_labels import device_label
from app.sessions.guards import public, reauthentication_required
from app.two_factor.authenticators import find_authenticator
from app.two_factor.forms import SecondStepForm, SetUpForm
from app.two_factor.pending import Pending, find_pending
from app.two_factor.qr import qr_code
from app.two_factor.recovery_codes import NewCodes, count_codes, make_codes
from app.two_factor.requirement import allowed_without_second_factor
from app.two_factor.second_step import complete_second_step, verify_code, was_sent_twice
from app.two_factor.setting_up import (
    AlreadySetUp,
    offer_secret,
    set_up_authenticator,
    turn_off_authenticator,
)
from app.two_factor.shown_once import show_once
from app.two_factor.totp import in_words, provisioning_uri
from app.two_factor.trusted_devices import revoke_trust
from app.unit_of_work import commit_later, reading
from app.users.models import User
from app.web.rate_limits import rate_limit

blueprint = Blueprint("two_factor", __name__)


@blueprint.route("/login/second", methods=["GET", "POST"])
@public
@rate_limit("60 per 3 minutes")
def second() -> ResponseReturnValue:
    with reading():
        pending = find_pending(request.form.get("saved_form"))
    if pending is None:
        flash(_("Too much time has passed, or you signed in meanwhile. Begin again."), "info")
        return redirect(url_for("auth.login"), 303)
    form = SecondStepForm(asks_to_trust=not pending.pending_sign_in.is_reauthentication)
    if not form.validate_on_submit():
        return show_second_step(form, pending)
    # Also where the code is refused: an UPDATE that finds nothing to change is one all the same.
    commit_later()
    try:
        if verify_code(pending, form.code.data or "", address=request.remote_addr or ""):
            return complete_second_step(pending, trusts_device="trust" in form and form.trust.data)
    except TooManyAttempts as refusal:
        return too_many_attempts_response(
            "two_factor/second.html", form, refusal, pending_sign_in=pending.pending_sign_in
        )
    if was_sent_twice(pending.pending_sign_in):
        return redirect(pending.pending_sign_in.next_url, 303)
    form.refuse(form.code, _("This code is wrong, too old or was used before."))
    return show_second_step(form, pending)


def show_second_step(form: SecondStepForm, pending: Pending) -> ResponseReturnValue:
    return render_template(
        "two_factor/second.html", form=form, pending_sign_in=pending.pending_sign_in
    ), form.status


@blueprint.route("/two-factor", methods=["GET", "POST"])
@reauthentication_required
@allowed_without_second_factor
def two_factor() -> ResponseReturnValue:
    user, form = get_current_user(), SetUpForm()
    if form.validate_on_submit():
        with reading():
            has_codes = count_codes(user) > 0
        new = None if has_codes else make_codes()
        try:
            if set_up_authenticator(lock_current_login(), form.code.data or "", new):
                commit_later()
                flash(_("Your authenticator is set up. Other devices are signed out."), "success")
                return redirect(show(new), 303)
        except AlreadySetUp:
            # Sent twice, perhaps; then the codes of the first answer wait there.
            return redirect(url_for("two_factor.recovery_codes"), 303)
        form.refuse(
            form.code, _("This is not the code of this moment. Is the clock of that device right?")
        )
    authenticator = find_authenticator(user)
    offer = None if authenticator else describe(offer_secret(), user)
    return render_template(
        "two_factor/two_factor.html",
        form=form,
        authenticator=authenticator,
        offer=offer,
        codes_left=count_codes(user),
    ), form.status


def show(new: NewCodes | None) -> str:
    """Return the page to go on to: the one with the codes, if there are new ones."""
    if new is None:
        return url_for("two_factor.two_factor")
    show_once(new.codes)
    return url_for("two_factor.recovery_codes")


def describe(secret: bytes, user: User) -> dict[str, str]:
    """Return a secret as it is scanned, followed and typed."""
    uri = provisioning_uri(secret, site=current_app.config["APP_NAME"], email=user.email)
    return {"picture": qr_code(uri), "uri": uri, "words": in_words(secret)}


@blueprint.post("/two-factor/turn-off")
@reauthentication_required
def turn_off() -> ResponseReturnValue:
    turn_off_authenticator(lock_current_login())
    commit_later()
    flash(_("Your authenticator is removed. Other devices are signed out."), "success")
    return redirect(url_for("two_factor.two_factor"), 303)


@blueprint.post("/trusted-devices/<int:device_id>/end")
def distrust_device(device_id: int) -> ResponseReturnValue:
    device = revoke_trust(lock_current_login(), device_id) or abort(404)
    commit_later()
    name = device_label(device.user_agent)
    flash(_("%(device)s is asked for the second step again.", device=name), "success")
    return redirect(url_for("sessions.devices"), 303)
