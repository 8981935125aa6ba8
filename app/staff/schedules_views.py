"""The list of schedules, and the action that starts one."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.application import Application
from app.clock import now
from app.jobs.schedules import last_queued, waiting_names
from app.jobs.schedules import schedules as all_schedules
from app.roles import Permission
from app.staff.pages import StaffPage, staff_page, staff_pages
from app.staff.work import lock_operator, start_schedule
from app.unit_of_work import commit_later
from app.web.i18n import lazy_gettext

blueprint = Blueprint("staff_schedules", __name__)


def init_app(app: Application) -> None:
    app.register_blueprint(blueprint)
    staff_pages.add(
        app,
        StaffPage("staff_schedules.schedules", lazy_gettext("Schedules"), Permission.OPERATE),
    )


@blueprint.get("/staff/schedules")
@staff_page(Permission.OPERATE)
def schedules() -> ResponseReturnValue:
    at = now()
    return render_template(
        "staff/schedules.html",
        schedules=sorted(all_schedules, key=lambda schedule: schedule.name),
        following={schedule.name: schedule.following(at) for schedule in all_schedules},
        last=last_queued(),
        waiting=waiting_names(),
    )


@blueprint.post("/staff/schedules/<name>/run")
@staff_page(Permission.OPERATE)
def run(name: str) -> ResponseReturnValue:
    named = [schedule for schedule in all_schedules if schedule.name == name] or abort(404)
    lock_operator()
    if start_schedule(named[0]):
        flash(_("The job of the schedule will run in a moment."), "success")
    else:
        flash(_("Nothing was changed: the job of the schedule is waiting already."), "info")
    commit_later()
    return redirect(url_for("staff_schedules.schedules"), 303)
