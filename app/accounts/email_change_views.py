"""Change the email address, confirm it at the new address, or keep it from the old one."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.email_change import EMAIL_CHANGE_LINK, EMAIL_UNDO_LINK, request_email_change
from app.accounts.forms import ButtonForm, EmailForm
from app.accounts.links import LinkExpired, find_link, use_link
from app.accounts.models import MailedLink
from app.accounts.views import blueprint, link_expired_page
from app.sessions.current import current_login, lock_current_login, user_or_network
from app.sessions.guards import public, reauthentication_required
from app.unit_of_work import commit_later, reading
from app.users.accounts import EmailTaken
from app.web.rate_limits import rate_limit


@blueprint.route("/account/email", methods=["GET", "POST"])
@reauthentication_required
@rate_limit("10 per minute; 60 per hour")
@rate_limit("5 per minute; 20 per hour", by=user_or_network)
def email() -> ResponseReturnValue:
    form = EmailForm()
    if not form.validate_on_submit():
        return render_template("accounts/email.html", form=form), form.status
    user = lock_current_login()
    request_email_change(user, current_login(), form.email.data or "")
    commit_later()
    flash(_("Check your email. Open the link in it to confirm your new email address."), "info")
    return redirect(url_for("accounts.account"), 303)


def confirm_new_email(token: str, link: MailedLink) -> ResponseReturnValue:
    """Change the email address to the one that received the link."""
    form = ButtonForm()
    if not form.validate_on_submit():
        return render_template("accounts/confirm.html", form=form, link=link), form.status
    use_link(token, EMAIL_CHANGE_LINK)
    commit_later()
    flash(_("Your email address is now %(email)s.", email=link.email), "success")
    return redirect(url_for("accounts.account"), 303)


@blueprint.route("/account/email/keep/<token>", methods=["GET", "POST"])
@public
def keep_email(token: str) -> ResponseReturnValue:
    form = ButtonForm()
    with reading():
        link = find_link(token, EMAIL_UNDO_LINK)
    if link is None:
        return link_expired_page()
    if not form.validate_on_submit():
        return render_template("accounts/keep_email.html", form=form, link=link), form.status
    try:
        reset_token = use_link(token, EMAIL_UNDO_LINK)
    except (LinkExpired, EmailTaken):
        return link_expired_page()
    commit_later()
    flash(
        _(
            "Your email address is %(email)s, and all devices were signed out. "
            "Now choose a new password.",
            email=link.email,
        ),
        "success",
    )
    return redirect(url_for("accounts.set_password", token=reset_token), 303)
