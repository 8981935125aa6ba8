"""The paperwork of somebody who is not signed in, most of it by a link from a mail.

Opening a link shows a page with a button, because mail scanners open links; the button spends it.
"""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.emails import change_email
from app.accounts.forms import ButtonForm, NewPasswordForm, RegisterForm, ResetForm
from app.accounts.links import LinkExpired, find_link
from app.accounts.models import CHANGE_EMAIL, REGISTER, RESET
from app.accounts.passwords import ask_for_reset, find_reset
from app.accounts.passwords import reset_password as set_new_password
from app.accounts.registration import confirm_registration
from app.accounts.registration import register as open_account
from app.accounts.views import blueprint as blueprint
from app.accounts.wishes import find_wish, keep_wish, repeat_wish
from app.auth.credentials import recover_access
from app.rate_limits import rate_limit
from app.sessions.guards import public
from app.unit_of_work import commit_later, reading
from app.users.passwords import PasswordRefused
from app.users.people import EmailTaken


@blueprint.route("/register", methods=["GET", "POST"])
@public
@rate_limit("10 per minute; 60 per hour")
def register() -> ResponseReturnValue:
    form = RegisterForm()
    if form.validate_on_submit():
        try:
            link = open_account(form.email.data or "", form.password.data or "")
            keep_wish(REGISTER, form.email.data or "", link)
            commit_later()
            return redirect(url_for("accounts.check_mail"), 303)
        except PasswordRefused as refusal:
            form.refuse(form.password, str(refusal))
    return render_template("accounts/register.html", form=form), form.status


@blueprint.route("/check-mail", methods=["GET", "POST"])
@public
@rate_limit("5 per minute; 10 per 10 minutes")
def check_mail() -> ResponseReturnValue:
    form = ButtonForm()
    wish = find_wish()
    if wish is None or not form.validate_on_submit():
        return render_template("accounts/check_mail.html", form=form, wish=wish), form.status
    repeat_wish(wish)
    commit_later()
    flash(_("If the last mail is more than a minute old, another one is on its way."), "info")
    return redirect(url_for("accounts.check_mail"), 303)


@blueprint.route("/confirm/<token>", methods=["GET", "POST"])
@public
def confirm(token: str) -> ResponseReturnValue:
    form = ButtonForm()
    link = find_link(token, REGISTER, CHANGE_EMAIL)
    if link is None:
        return expired()
    if not form.validate_on_submit():
        return render_template("accounts/confirm.html", form=form, link=link), form.status
    try:
        confirm_registration(token) if link.purpose == REGISTER else change_email(token)
    except (LinkExpired, EmailTaken):
        return expired()
    commit_later()
    flash(_("%(email)s is confirmed. You can sign in with it.", email=link.email), "success")
    return redirect(url_for("auth.login"), 303)


@blueprint.route("/reset", methods=["GET", "POST"])
@public
@rate_limit("10 per minute; 60 per hour")
def reset() -> ResponseReturnValue:
    form = ResetForm()
    if not form.validate_on_submit():
        return render_template("accounts/reset.html", form=form), form.status
    ask_for_reset(form.email.data or "")
    keep_wish(RESET, form.email.data or "")
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
            set_new_password(token, user, form.password.data or "")
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
    """Answer 410: the link was good once, or never, and nobody learns which."""
    return render_template("accounts/link_expired.html"), 410
