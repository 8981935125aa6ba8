"""The account pages of a signed-in user: name, password, deletion."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.deletion_request import delete_account
from app.accounts.forms import AccountForm, ButtonForm, PasswordForm
from app.accounts.mail import mail_test
from app.accounts.password_change import change_password, hash_new_password
from app.auth.credentials import is_password_of
from app.auth.responses import require_reauthentication, too_many_attempts_response
from app.auth.sign_in import complete_sign_out, requires_more_than_password
from app.auth.throttle import TooManyAttempts
from app.mail.suppression import find_suppression, lift_bounces
from app.sessions.current import current_login, current_user, lock_current_login, user_or_network
from app.sessions.guards import is_recently_authenticated, reauthentication_required
from app.unit_of_work import commit_later
from app.users.accounts import AccountRequired
from app.users.password_policy import PasswordRefused
from app.web.rate_limits import rate_limit
from app.web.redirects import local_path

# Also used by registration_views, password_reset_views and email_change_views.
blueprint = Blueprint("accounts", __name__)


@blueprint.route("/account", methods=["GET", "POST"])
def account() -> ResponseReturnValue:
    form = AccountForm(obj=current_user)
    if not form.validate_on_submit():
        suppressed = find_suppression(current_user.email)
        page = render_template("accounts/account.html", form=form, suppressed=suppressed)
        return page, form.status
    lock_current_login().display_name = form.display_name.data or ""
    commit_later()
    flash(_("Your changes have been saved."), "success")
    return redirect(url_for("accounts.account"), 303)


@blueprint.post("/account/email/retry")
@rate_limit("3 per day", by=user_or_network)
def retry_email() -> ResponseReturnValue:
    """Send an email to an address that was rejected before, at the request of its owner."""
    user = lock_current_login()
    lift_bounces([user.email])
    mail_test(user)
    commit_later()
    flash(_("We are sending you a test email. It may take a few minutes."), "info")
    return redirect(url_for("accounts.account"), 303)


@blueprint.route("/account/password", methods=["GET", "POST"])
@rate_limit("60 per hour")
def password() -> ResponseReturnValue:
    has_password = current_user.password_hash is not None
    # The current password, which this page asks for, may not be the only factor of the user.
    needs_more = not has_password or requires_more_than_password(current_user)
    if needs_more and not is_recently_authenticated():
        return require_reauthentication()
    form = PasswordForm()
    form.email.data = current_user.email
    if not has_password:
        del form.current_password
    if form.validate_on_submit():
        try:
            password_hash = hash_new_password(form.password.data or "", current_user.email)
            if not has_password or is_current_password(form.current_password.data or ""):
                commit_later()
                change_password(lock_current_login(), current_login(), password_hash)
                flash(_("Your password has been changed."), "success")
                return redirect(url_for("accounts.account"), 303)
            form.add_error(form.current_password, _("Incorrect password."))
        except PasswordRefused as refusal:
            form.add_error(form.password, str(refusal))
        except TooManyAttempts as refusal:
            return too_many_attempts_response("accounts/password.html", form, refusal)
    return render_template("accounts/password.html", form=form), form.status


def is_current_password(password: str) -> bool:
    return is_password_of(current_user, password, address=request.remote_addr or "")


@blueprint.route("/account/delete", methods=["GET", "POST"])
@reauthentication_required
def delete() -> ResponseReturnValue:
    form = ButtonForm()
    if not form.validate_on_submit():
        return render_template("accounts/delete.html", form=form), form.status
    try:
        delete_account(lock_current_login())
    except AccountRequired as refusal:
        form.form_errors.append(refusal.message)
        return render_template("accounts/delete.html", form=form), form.status
    complete_sign_out()
    commit_later()
    flash(_("Your account will be deleted soon. To keep it, sign in again."), "success")
    return redirect(url_for("pages.home"), 303)


def link_expired_page() -> ResponseReturnValue:
    """Return 410 for a mailed link, whether it has expired or never existed."""
    next_url = local_path(request.args.get("next"))
    return render_template("accounts/link_expired.html", next_url=next_url), 410
