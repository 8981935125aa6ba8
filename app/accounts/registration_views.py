"""Register: enter the email address, open the mailed link, choose a password.

Opening a mailed link shows a page with a button, because mail scanners open links. Only the button
uses the link up.
"""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.email_change import EMAIL_CHANGE_LINK
from app.accounts.email_change_views import confirm_new_email
from app.accounts.forms import ButtonForm, NewPasswordForm, RegisterForm
from app.accounts.links import LinkExpired, find_link
from app.accounts.models import REGISTER, MailedLink
from app.accounts.registration import REGISTRATION_LINK, confirm_registration, request_registration
from app.accounts.resend import find_pending_email, next_url_of, resend, save_pending_email
from app.accounts.views import blueprint, link_expired_page
from app.auth.sign_in import PendingSignIn, continue_sign_in
from app.sessions.guards import public
from app.unit_of_work import commit_later, reading
from app.users.accounts import EmailTaken
from app.users.password_policy import PasswordRefused
from app.web.rate_limits import rate_limit
from app.web.redirects import path_after_sign_in


@blueprint.route("/register", methods=["GET", "POST"])
@public
@rate_limit("10 per minute; 60 per hour")
def register() -> ResponseReturnValue:
    form = RegisterForm(next=request.args.get("next"))
    if not form.validate_on_submit():
        return render_template("accounts/register.html", form=form), form.status
    email = form.email.data or ""
    request_registration(email, form.next.data)
    save_pending_email(REGISTER, email, form.next.data)
    commit_later()
    return redirect(url_for("accounts.check_mail"), 303)


@blueprint.route("/check-mail", methods=["GET", "POST"])
@public
@rate_limit("5 per minute; 10 per 10 minutes")
def check_mail() -> ResponseReturnValue:
    form = ButtonForm()
    pending = find_pending_email()
    if pending is None or not form.validate_on_submit():
        return render_template("accounts/check_mail.html", form=form, pending=pending), form.status
    resend(pending)
    commit_later()
    flash(_("We sent another email, unless we sent you one in the last few minutes."), "info")
    return redirect(url_for("accounts.check_mail"), 303)


@blueprint.route("/confirm/<token>", methods=["GET", "POST"])
@public
def confirm(token: str) -> ResponseReturnValue:
    with reading():
        link = find_link(token, REGISTRATION_LINK, EMAIL_CHANGE_LINK)
    if link is None:
        return link_expired_page()
    page = choose_password if link.purpose == REGISTER else confirm_new_email
    try:
        return page(token, link)
    except (LinkExpired, EmailTaken):
        return link_expired_page()


def choose_password(token: str, link: MailedLink) -> ResponseReturnValue:
    """Create the account with the password that is chosen here, and sign in."""
    form = NewPasswordForm(next=next_url_of(REGISTER, link.email, request.args.get("next")))
    form.email.data = link.email
    if form.validate_on_submit():
        try:
            user = confirm_registration(token, link.email, form.password.data or "")
            response = continue_sign_in(PendingSignIn(user, path_after_sign_in(form.next.data)))
            # After the sign-in, which starts a clean cookie session.
            flash(_("Welcome! Your account is ready."), "success")
            return response
        except PasswordRefused as refusal:
            form.add_error(form.password, str(refusal))
    return render_template("accounts/choose_password.html", form=form), form.status
