"""The paperwork of an account."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.forms import AccountForm
from app.sessions.current import current_user
from app.unit_of_work import commit_later

blueprint = Blueprint("accounts", __name__)


@blueprint.route("/account", methods=["GET", "POST"])
def account() -> ResponseReturnValue:
    form = AccountForm(obj=current_user)
    if not form.validate_on_submit():
        return render_template("accounts/account.html", form=form), form.status
    current_user.display_name = form.display_name.data or ""
    commit_later()
    flash(_("Your name is saved."), "success")
    return redirect(url_for("accounts.account"), 303)
