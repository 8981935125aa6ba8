"""The paperwork of somebody who is not signed in, most of it by a link from a mail.

Opening a link shows a page with a button, because mail scanners open links; the button spends it.
"""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import emails
from app.accounts.forms import ButtonForm, NewPasswordForm, RegisterForm, ResetForm
from app.accounts.links import LinkExpired, find_link
from app.accounts.models import CHANGE_EMAIL, KEEP_EMAIL, REGISTER, RESET, MailedLink
from app.accounts.passwords import find_reset, request_reset
from app.accounts.passwords import reset_password as set_new_password
from app.accounts.registration import confirm_registration
from app.accounts.registration import register as ask_for_account
from app.accounts.resend import find_pending_email, next_url_of, resend, save_pending_email
from app.accounts.views import blueprint as blueprint
from app.auth.credentials import recover_access
from app.auth.sign_in import PendingSignIn, continue_sign_in
from app.sessions.guards import public
from app.unit_of_work import commit_later, reading
from app.users.accounts import EmailTaken
from app.users.passwords import PasswordRefused
from app.web.rate_limits import rate_limit
from app.web.redirects import local_path


@blueprint.route("/register", methods=["GET", "POST"])
@public
@rate_limit("10 per minute; 60 per hour")
def register() -> ResponseReturnValue:
    form = RegisterForm(next=request.args.get("next"))
    if not form.validate_on_submit():
        return render_template("accounts/register.html", form=form), form.status
    email = form.email.data or ""
    ask_for_account(email)
    save_pending_email(REGISTER, email, local_path(form.next.data))
    commit_later()
    return redirect(url_for("accounts.check_mail"), 303)


@blueprint.route("/check-mail", methods=["GET", "POST"])
@public
@rate_limit("5 per minute; 10 per 10 minutes")
def check_mail() -> ResponseReturnValue:
    form = ButtonForm()
    wish = find_pending_email()
    if wish is None or not form.validate_on_submit():
        return render_template("accounts/check_mail.html", form=form, wish=wish), form.status
    resend(wish)
    commit_later()
    flash(_("We sent another email, unless you got one just now. Its link works."), "info")
    return redirect(url_for("accounts.check_mail"), 303)


@blueprint.route("/confirm/<token>", methods=["GET", "POST"])
@public
def confirm(token: str) -> ResponseReturnValue:
    with reading():
        link = find_link(token, REGISTER, CHANGE_EMAIL)
    if link is None:
        return expired()
    try:
        return choose_password(token, link) if link.purpose == REGISTER else move(token, link)
    except (LinkExpired, EmailTaken):
        return expired()


def choose_password(token: str, link: MailedLink) -> ResponseReturnValue:
    """Open an account with the password that is chosen here, and sign in to it."""
    form = NewPasswordForm()
    form.email.data = link.email
    if form.validate_on_submit():
        try:
            user = confirm_registration(token, link.email, form.password.data or "")
            wanted = next_url_of(user.email) or url_for("accounts.account")
            answer = continue_sign_in(PendingSignIn(user, wanted))
            # Signing in starts a clean session, so only now.
            flash(_("Welcome! Your account is ready."), "success")
            return answer
        except PasswordRefused as refusal:
            form.refuse(form.password, str(refusal))
    return render_template("accounts/choose_password.html", form=form), form.status


def move(token: str, link: MailedLink) -> ResponseReturnValue:
    """Change the address of an account to the one that the link went to."""
    form = ButtonForm()
    if not form.validate_on_submit():
        return render_template("accounts/confirm.html", form=form, link=link), form.status
    emails.change_email(token)
    commit_later()
    flash(_("Your address is now %(email)s.", email=link.email), "success")
    return redirect(url_for("accounts.account"), 303)


@blueprint.route("/account/email/keep/<token>", methods=["GET", "POST"])
@public
def keep_email(token: str) -> ResponseReturnValue:
    form = ButtonForm()
    with reading():
        link = find_link(token, KEEP_EMAIL)
    if link is None:
        return expired()
    if not form.validate_on_submit():
        return render_template("accounts/keep_email.html", form=form, link=link), form.status
    try:
        reset_token = emails.keep_email(token)
    except (LinkExpired, EmailTaken):
        return expired()
    commit_later()
    flash(_("Your address is %(email)s. Every device is signed out.", email=link.email), "success")
    return redirect(url_for("accounts.set_password", token=reset_token), 303)


@blueprint.route("/reset", methods=["GET", "POST"])
@public
@rate_limit("10 per minute; 60 per hour")
def reset() -> ResponseReturnValue:
    form = ResetForm()
    if not form.validate_on_submit():
        return render_template("accounts/reset.html", form=form), form.status
    request_reset(form.email.data or "")
    save_pending_email(RESET, form.email.data or "")
    commit_later()
    return redirect(url_for("accounts.check_mail"), 303)


@blueprint.route("/reset/<token>", methods=["GET", "POST"])
@public
def set_password(token: str) -> ResponseReturnValue:
    form = NewPasswordForm()
    with reading():
        user = find_reset(token)
    if user is None:
        return expired()
    form.email.data = user.email
    if form.validate_on_submit():
        try:
            set_new_password(token, user.email, form.password.data or "")
            recover_access(user)
            commit_later()
            flash(_("Your password is set, and you are signed out everywhere."), "success")
            return redirect(url_for("auth.login"), 303)
        except PasswordRefused as refusal:
            form.refuse(form.password, str(refusal))
        except LinkExpired:
            return expired()
    return render_template("accounts/set_password.html", form=form), form.status


def expired() -> ResponseReturnValue:
    """Answer 410: the link was good once, or never, and the page does not tell which."""
    return render_template("accounts/link_expired.html"), 410
