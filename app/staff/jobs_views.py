"""The list of background jobs, and the actions on one."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from app.application import Application
from app.database import db
from app.jobs.models import Job
from app.jobs.queued import GIVEN_UP, WAITING
from app.roles import Permission
from app.staff.filters import chosen, kept_query
from app.staff.pages import StaffPage, staff_page, staff_pages
from app.staff.work import SHOWN_OF_JOB, give_up_job, jobs_in_state, lock_operator, retry_job
from app.unit_of_work import commit_later
from app.web.i18n import lazy_gettext
from app.web.pagination import paginate

STATES = (WAITING, Job.DONE, GIVEN_UP)

blueprint = Blueprint("staff_jobs", __name__)


def init_app(app: Application) -> None:
    app.register_blueprint(blueprint)
    staff_pages.add(app, StaffPage("staff_jobs.jobs", lazy_gettext("Jobs"), Permission.OPERATE))


@blueprint.get("/staff/jobs")
@staff_page(Permission.OPERATE)
def jobs() -> ResponseReturnValue:
    state = chosen("state", STATES)
    return render_template(
        "staff/jobs.html",
        page=paginate(jobs_in_state(state)),
        state=state,
        states=STATES,
        kept=kept_query(),
    )


@blueprint.post("/staff/jobs/<int:job_id>/retry")
@staff_page(Permission.OPERATE)
def retry(job_id: int) -> ResponseReturnValue:
    return act_on(job_id, retry_job, _("The job will run again in a moment."))


@blueprint.post("/staff/jobs/<int:job_id>/give-up")
@staff_page(Permission.OPERATE)
def give_up(job_id: int) -> ResponseReturnValue:
    return act_on(
        job_id, give_up_job, _("The job is given up. It runs again only if it is retried.")
    )


def act_on(job_id: int, act: Callable[[Job], bool], done: str) -> ResponseReturnValue:
    """Lock a job, act on it, and go back to the list. `act` returns whether it did anything."""
    lock_operator()
    stored = select(Job).where(Job.id == job_id).options(SHOWN_OF_JOB)
    if act(db.one_or_404(stored.with_for_update())):
        flash(done, "success")
    else:
        flash(_("Nothing was changed: this has been done already."), "info")
    commit_later()
    return redirect(url_for("staff_jobs.jobs", **kept_query()), 303)
