"""The preferences page, and the switches in the navigation that post to it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.preferences.choices import choose, offered_preferences, preference
from app.preferences.forms import preferences_form
from app.sessions.current import current_user, lock_current_login
from app.sessions.guards import public
from app.unit_of_work import commit_later
from app.web.redirects import local_path

blueprint = Blueprint("preferences", __name__)


@blueprint.route("/preferences", methods=["GET", "POST"])
@public
def preferences() -> ResponseReturnValue:
    offered = {declared.name for declared in offered_preferences()}
    form = preferences_form(offered, {name: preference(name) for name in offered})
    if not form.validate_on_submit():
        return render_template("preferences/preferences.html", form=form), form.status
    if current_user.is_authenticated:
        lock_current_login()
    for name in offered & request.form.keys():
        if choose(name, form[name].data):
            commit_later()
    back = local_path(request.form.get("next"))
    if back is None:
        flash(_("Your changes have been saved."), "success")
    return redirect(back or url_for("preferences.preferences"), 303)
