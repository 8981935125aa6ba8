"""The pages on which users manage their passkeys."""

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.passkeys.authentication import PasskeyRefused
from app.passkeys.forms import AddForm, NameForm
from app.passkeys.passwordless import LastCredential, is_safe_without_password
from app.passkeys.passwordless import remove_password as remove_password_of
from app.passkeys.registration import (
    add_passkey,
    count_passkeys,
    find_passkey,
    find_passkeys,
    remove_passkey,
)
from app.sessions.current import current_user, get_current_user, lock_current_login
from app.sessions.device_labels import device_label
from app.sessions.guards import reauthentication_required
from app.two_factor.one_time_display import show_new_codes
from app.two_factor.recovery_codes import count_codes, make_codes
from app.two_factor.requirement import allowed_without_second_factor
from app.unit_of_work import commit_later, reading

blueprint = Blueprint("passkeys", __name__)


@blueprint.route("/passkeys", methods=["GET", "POST"])
@reauthentication_required
@allowed_without_second_factor
def passkeys() -> ResponseReturnValue:
    user, form = get_current_user(), AddForm()
    if not form.is_submitted():
        form.name.data = device_label(request.user_agent.string)
    if form.validate_on_submit():
        with reading():
            new = None if count_codes(user) else make_codes()
        try:
            response_json, name = form.credential.data or "", form.name.data or ""
            add_passkey(lock_current_login(), response_json, name, new)
            commit_later()
            flash(_("Passkey added. Your other devices are signed out."), "success")
            return redirect(show_new_codes(new) or url_for("passkeys.passkeys"), 303)
        except PasskeyRefused as refusal:
            current_app.logger.warning("A passkey was not added: %s.", refusal)
            form.form_errors.append(_("This passkey could not be added. Try again."))
    existing = find_passkeys(user)
    is_enough = is_safe_without_password(user, len(existing))
    return render_template(
        "passkeys/passkeys.html", form=form, passkeys=existing, is_enough=is_enough
    ), form.status


@blueprint.route("/passkeys/<int:passkey_id>", methods=["GET", "POST"])
@reauthentication_required
def passkey(passkey_id: int) -> ResponseReturnValue:
    found = find_passkey(current_user, passkey_id) or abort(404)
    form = NameForm(obj=found)
    if not form.validate_on_submit():
        return render_template("passkeys/passkey.html", form=form, passkey=found), form.status
    found = find_passkey(lock_current_login(), passkey_id) or abort(404)
    found.name = form.name.data or ""
    commit_later()
    flash(_("Your changes have been saved."), "success")
    return redirect(url_for("passkeys.passkeys"), 303)


@blueprint.post("/passkeys/<int:passkey_id>/remove")
@reauthentication_required
def remove(passkey_id: int) -> ResponseReturnValue:
    user = lock_current_login()
    found = find_passkey(user, passkey_id) or abort(404)
    try:
        remove_passkey(user, found)
        commit_later()
        flash(_("The passkey “%(name)s” has been removed.", name=found.name), "success")
    except LastCredential:
        flash(
            _("The passkey “%(name)s” was not removed: you need it to sign in.", name=found.name),
            "danger",
        )
    return redirect(url_for("passkeys.passkeys"), 303)


@blueprint.post("/passkeys/password/remove")
@reauthentication_required
def remove_password() -> ResponseReturnValue:
    user = lock_current_login()
    try:
        remove_password_of(user, count_passkeys(user))
        commit_later()
        flash(_("Password removed. Your other devices are signed out."), "success")
    except LastCredential:
        flash(_("Your password was not removed: without it you could lose access."), "danger")
    return redirect(url_for("passkeys.passkeys"), 303)
