"""The link and the button by which the owner of an account stops a reset of the second factors.

The email about the reset has the link. If that email does not arrive, the owner learns of the
reset from a notice on the page of two-factor authentication, whose button does the same.
"""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.forms import ButtonForm
from app.accounts.links import LinkExpired, find_link, kept_purposes, use_link
from app.accounts.views import link_expired_page
from app.application import Application
from app.sessions.current import lock_current_login
from app.sessions.guards import public, reauthentication_required
from app.staff.factor_reset import (
    STOP_LINK,
    find_factor_reset,
    stop_factor_reset,
    void_factor_reset,
)
from app.staff.people_views import blueprint
from app.two_factor.factors import has_second_factor, second_factors_changed
from app.two_factor.requirement import allowed_without_second_factor
from app.unit_of_work import commit_later, reading
from app.users.accounts import account_closed
from app.web.rendering.slots import add_to_slot


def init_app(app: Application) -> None:
    account_closed.connect(void_factor_reset)
    second_factors_changed.connect(void_factor_reset)
    kept_purposes.add(app, STOP_LINK.purpose)
    app.add_template_filter(find_factor_reset, "factor_reset")
    add_to_slot(app, "two_factor_notices", "staff/components/factor_reset.html")
    add_to_slot(app, "account_two_factor", "staff/components/account_factor_reset.html")


@blueprint.route("/two-factor/keep/<token>", methods=["GET", "POST"])
@public
def keep_factors(token: str) -> ResponseReturnValue:
    form = ButtonForm()
    with reading():
        link = find_link(token, STOP_LINK)
    if link is None:
        return link_expired_page()
    if not form.validate_on_submit():
        return render_template("staff/keep_factors.html", form=form), form.status
    try:
        use_link(token, STOP_LINK)
    except LinkExpired:
        return link_expired_page()
    commit_later()
    flash_kept()
    return redirect(url_for("auth.login"), 303)


@blueprint.post("/two-factor/keep")
@reauthentication_required
@allowed_without_second_factor
def keep_factors_on_page() -> ResponseReturnValue:
    user = lock_current_login()
    if stop_factor_reset(user):
        commit_later()
        flash_kept()
    elif has_second_factor(user):
        flash(_("Nothing was changed: no reset of two-factor authentication is waiting."), "info")
    else:
        flash(
            _("Nothing was changed: two-factor authentication is off. You can set it up again."),
            "warning",
        )
    return redirect(url_for("two_factor.two_factor"), 303)


def flash_kept() -> None:
    kept = _("Two-factor authentication stays on. If you did not ask staff, change your password.")
    flash(kept, "success")
