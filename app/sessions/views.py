"""The devices on which the user is signed in, and staying signed in on this one."""

from typing import cast

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.audit.actions import Action
from app.audit.trail import record
from app.sessions.authenticate import update_last_seen
from app.sessions.current import current_login, current_user, lock_current_login
from app.sessions.device_labels import device_label
from app.sessions.listing import active_logins
from app.sessions.logins import end_login, end_logins, find_login
from app.unit_of_work import commit_later
from app.web.forms import Form
from app.web.pagination import paginate
from app.web.redirects import path_after_sign_in

blueprint = Blueprint("sessions", __name__)


@blueprint.get("/devices")
def devices() -> ResponseReturnValue:
    current = current_login()
    return render_template(
        "sessions/devices.html",
        current=current,
        others=paginate(active_logins(current_user, but=current)),
        device_label=device_label,
    )


@blueprint.post("/devices/<int:login_id>/end")
def end(login_id: int) -> ResponseReturnValue:
    user = lock_current_login()
    login = find_login(user, login_id) or abort(404)
    if login is current_login():
        # auth.logout also keeps preferences and clears caches. Its part comes later in PARTS.
        return cast(ResponseReturnValue, current_app.view_functions["auth.logout"]())
    if end_login(login):
        record(Action.LOGIN_ENDED, user.id)
    commit_later()
    flash(_("Signed out of %(device)s.", device=device_label(login.user_agent)), "success")
    return redirect(url_for("sessions.devices"), 303)


@blueprint.post("/devices/end-others")
def end_others() -> ResponseReturnValue:
    user = lock_current_login()
    if end_logins(user, but=current_login()):
        record(Action.OTHER_LOGINS_ENDED, user.id)
    commit_later()
    flash(_("Signed out of all other devices."), "success")
    return redirect(url_for("sessions.devices"), 303)


@blueprint.route("/stay", methods=["GET", "POST"])
def stay() -> ResponseReturnValue:
    form = Form()
    back = path_after_sign_in(request.values.get("next"))
    login = current_login()
    if login is None or not form.validate_on_submit():
        return render_template("sessions/stay.html", form=form, next=back), form.status
    lock_current_login()
    update_last_seen(login.id)
    commit_later()
    return redirect(back, 303)
