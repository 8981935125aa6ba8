"""The list of emails, and the action that sends one again."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from app.application import Application
from app.database import db
from app.jobs.queued import GIVEN_UP, WAITING
from app.mail.models import Message
from app.roles import Permission
from app.staff.filters import chosen, kept_query
from app.staff.mails import SHOWN, mails_to, may_send_again, send_again
from app.staff.pages import StaffPage, staff_page, staff_pages
from app.staff.work import lock_operator
from app.unit_of_work import commit_later
from app.users.accounts import find_user
from app.web.i18n import lazy_gettext
from app.web.pagination import paginate
from app.web.search import search_term

STATES = (WAITING, Message.DONE, Message.WITHHELD, GIVEN_UP)

blueprint = Blueprint("staff_mails", __name__)


def init_app(app: Application) -> None:
    app.register_blueprint(blueprint)
    staff_pages.add(
        app, StaffPage("staff_mails.mails", lazy_gettext("Emails"), Permission.OPERATE)
    )


@blueprint.get("/staff/mails")
@staff_page(Permission.OPERATE)
def mails() -> ResponseReturnValue:
    term, state = search_term(), chosen("state", STATES)
    return render_template(
        "staff/mails.html",
        page=paginate(mails_to(term, state)),
        term=term,
        state=state,
        states=STATES,
        kept=kept_query(),
        may_send_again=may_send_again,
    )


@blueprint.post("/staff/mails/<int:mail_id>/send-again")
@staff_page(Permission.OPERATE)
def send_mail_again(mail_id: int) -> ResponseReturnValue:
    stored = select(Message).where(Message.id == mail_id).options(SHOWN)
    user = find_user(db.one_or_404(stored).recipient)
    lock_operator(*([user] if user else []))
    newest = stored.with_for_update().execution_options(populate_existing=True)
    if send_again(db.one_or_404(newest), user):
        flash(_("The email will be sent in a moment."), "success")
    else:
        nothing = _("Nothing was sent: this email is waiting, or was sent a moment ago.")
        flash(nothing, "info")
    commit_later()
    return redirect(url_for("staff_mails.mails", **kept_query()), 303)
