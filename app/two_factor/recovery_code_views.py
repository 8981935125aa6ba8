"""Recovery codes: made on demand, and shown once."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.audit.actions import Action
from app.audit.trail import record
from app.sessions.current import lock_current_login
from app.sessions.guards import reauthentication_required
from app.two_factor.factors import has_second_factor, revoke_other_access
from app.two_factor.recovery_codes import keep_codes, make_codes, were_made_within
from app.two_factor.requirement import allowed_without_second_factor
from app.two_factor.second_step import DOUBLE_CLICK
from app.two_factor.shown_once import show_once, take_shown_once
from app.two_factor.views import blueprint as blueprint
from app.unit_of_work import commit_later, reading


@blueprint.get("/two-factor/recovery-codes")
@allowed_without_second_factor
def recovery_codes() -> ResponseReturnValue:
    codes = take_shown_once()
    if not codes:
        return redirect(url_for("two_factor.two_factor"), 303)
    return render_template("two_factor/recovery_codes.html", codes=codes)


@blueprint.post("/two-factor/recovery-codes")
@reauthentication_required
def make_recovery_codes() -> ResponseReturnValue:
    with reading():
        new = make_codes()
    user = lock_current_login()
    if not has_second_factor(user):
        flash(_("Set up a second factor first; the codes stand in for it."), "info")
        return redirect(url_for("two_factor.two_factor"), 303)
    if were_made_within(user, DOUBLE_CLICK):
        # Sent twice, perhaps; then the codes of the first answer wait there.
        return redirect(url_for("two_factor.recovery_codes"), 303)
    keep_codes(user, new)
    revoke_other_access(user)
    record(Action.RECOVERY_CODES_REPLACED, user.id)
    commit_later()
    show_once(new.codes)
    return redirect(url_for("two_factor.recovery_codes"), 303)
