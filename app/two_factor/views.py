"""The pages of the second step, of its setup, and of recovery codes."""

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

from app import expiring
from app.audit.trail import record
from app.auth.responses import too_many_attempts_response
from app.auth.throttle import TooManyAttempts
from app.sessions.current import get_current_user, lock_current_login
from app.sessions.device_labels import device_label
from app.sessions.guards import public, reauthentication_required
from app.two_factor.actions import RECOVERY_CODES_REPLACED
from app.two_factor.authenticators import (
    AlreadySetUp,
    OfferExpired,
    find_authenticator,
    offer_secret,
    remove_authenticator,
    set_up_authenticator,
)
from app.two_factor.factors import has_second_factor, revoke_other_access
from app.two_factor.forms import SecondStepForm, SetUpForm
from app.two_factor.one_time_display import pop_shown_once, show_new_codes
from app.two_factor.pending_sign_in import PendingSecondStep, find_pending
from app.two_factor.recovery_codes import (
    count_codes,
    make_codes,
    replace_codes,
    were_made_within,
)
from app.two_factor.requirement import PAGE_AFTER_SETUP, allowed_without_second_factor
from app.two_factor.second_step import (
    DOUBLE_CLICK,
    complete_second_step,
    verify_code,
    was_sent_twice,
)
from app.two_factor.totp import format_secret, provisioning_uri, qr_code
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
        flash(_("Your sign-in has expired or is already complete. Sign in again."), "info")
        return redirect(url_for("auth.login"), 303)
    form = SecondStepForm(asks_to_trust=not pending.sign_in.is_reauthentication)
    if not form.validate_on_submit():
        return show_second_step(form, pending)
    # Before the code is known to be right: an UPDATE that changes no row needs a commit, too.
    commit_later()
    try:
        if verify_code(pending, form.code.data or "", address=request.remote_addr or ""):
            return complete_second_step(pending, trusts_device="trust" in form and form.trust.data)
    except TooManyAttempts as refusal:
        return too_many_attempts_response(
            "two_factor/second.html", form, refusal, pending_sign_in=pending.sign_in
        )
    if was_sent_twice(pending.sign_in):
        return redirect(pending.sign_in.next_url, 303)
    form.add_error(form.code, _("This code is incorrect, has expired or was already used."))
    return show_second_step(form, pending)


def show_second_step(form: SecondStepForm, pending: PendingSecondStep) -> ResponseReturnValue:
    return render_template(
        "two_factor/second.html", form=form, pending_sign_in=pending.sign_in
    ), form.status


# --- Authenticator app ---------------------------------------------------------------------------


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
                flash(_("Authenticator app set up. Your other devices are signed out."), "success")
                return redirect(show_new_codes(new) or url_for("two_factor.two_factor"), 303)
            error = _("This code is incorrect. Check that the time on your device is right.")
        except AlreadySetUp:
            # After a double click, the recovery codes of the first response wait there.
            return redirect(url_for("two_factor.recovery_codes"), 303)
        except OfferExpired:
            error = _("This setup has expired. Start again with the new QR code or setup key.")
        form.add_error(form.code, error)
    authenticator = find_authenticator(user)
    offer = None if authenticator else display_offer(offer_secret(), user)
    return render_template(
        "two_factor/two_factor.html",
        form=form,
        authenticator=authenticator,
        offer=offer,
        codes_left=count_codes(user),
    ), form.status


def display_offer(secret: bytes, user: User) -> dict[str, str]:
    """Return a secret as QR code, as link and as text."""
    uri = provisioning_uri(secret, site=current_app.config["APP_NAME"], email=user.email)
    return {"qr_code": qr_code(uri), "uri": uri, "key": format_secret(secret)}


@blueprint.post("/two-factor/turn-off")
@reauthentication_required
def turn_off() -> ResponseReturnValue:
    remove_authenticator(lock_current_login())
    commit_later()
    flash(_("Authenticator app removed. Your other devices are signed out."), "success")
    return redirect(url_for("two_factor.two_factor"), 303)


# --- Recovery codes ------------------------------------------------------------------------------


@blueprint.get("/two-factor/recovery-codes")
@allowed_without_second_factor
def recovery_codes() -> ResponseReturnValue:
    codes = pop_shown_once()
    if not codes:
        return redirect(url_for("two_factor.two_factor"), 303)
    next_url = expiring.pop(PAGE_AFTER_SETUP) or url_for("two_factor.two_factor")
    return render_template("two_factor/recovery_codes.html", codes=codes, next_url=next_url)


@blueprint.post("/two-factor/recovery-codes")
@reauthentication_required
def make_recovery_codes() -> ResponseReturnValue:
    with reading():
        new = make_codes()
    user = lock_current_login()
    if not has_second_factor(user):
        flash(_("Set up two-factor authentication first, then get recovery codes."), "info")
        return redirect(url_for("two_factor.two_factor"), 303)
    if were_made_within(user, DOUBLE_CLICK):
        # After a double click, the codes of the first response wait there.
        return redirect(url_for("two_factor.recovery_codes"), 303)
    replace_codes(user, new)
    revoke_other_access(user)
    record(RECOVERY_CODES_REPLACED, user.id)
    commit_later()
    return redirect(show_new_codes(new) or url_for("two_factor.recovery_codes"), 303)


# --- Trusted devices -----------------------------------------------------------------------------


@blueprint.post("/trusted-devices/<int:device_id>/end")
def revoke_trusted_device(device_id: int) -> ResponseReturnValue:
    device = revoke_trust(lock_current_login(), device_id) or abort(404)
    commit_later()
    name = device_label(device.user_agent)
    flash(_("%(device)s is no longer trusted.", device=name), "success")
    return redirect(url_for("sessions.devices"), 303)
