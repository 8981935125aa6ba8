"""Reset a forgotten password: ask for the mailed link, open it, set a new password."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.forms import NewPasswordForm, ResetForm
from app.accounts.links import LinkExpired
from app.accounts.models import RESET
from app.accounts.password_reset import find_reset, request_reset, reset_password
from app.accounts.resend import next_url_of, save_pending_email
from app.accounts.views import blueprint, link_expired_page
from app.auth.credentials import recover_access
from app.sessions.guards import public
from app.unit_of_work import commit_later, reading
from app.users.password_policy import PasswordRefused
from app.web.rate_limits import rate_limit


@blueprint.route("/reset", methods=["GET", "POST"])
@public
@rate_limit("10 per minute; 60 per hour")
def reset() -> ResponseReturnValue:
    form = ResetForm(next=request.args.get("next"))
    if not form.validate_on_submit():
        return render_template("accounts/reset.html", form=form), form.status
    email = form.email.data or ""
    request_reset(email, form.next.data)
    save_pending_email(RESET, email, form.next.data)
    commit_later()
    return redirect(url_for("accounts.check_mail"), 303)


@blueprint.route("/reset/<token>", methods=["GET", "POST"])
@public
def set_password(token: str) -> ResponseReturnValue:
    with reading():
        user = find_reset(token)
    if user is None:
        return link_expired_page()
    form = NewPasswordForm(next=next_url_of(RESET, user.email, request.args.get("next")))
    form.email.data = user.email
    if form.validate_on_submit():
        try:
            reset_password(token, user.email, form.password.data or "")
            recover_access(user)
            commit_later()
            flash(_("Your password has been changed. Sign in with your new password."), "success")
            return redirect(url_for("auth.login", next=form.next.data), 303)
        except PasswordRefused as refusal:
            form.add_error(form.password, str(refusal))
        except LinkExpired:
            return link_expired_page()
    return render_template("accounts/set_password.html", form=form), form.status
