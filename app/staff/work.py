"""What staff do about background work: retry and give up jobs, and start schedules.

The caller has called lock_operator(), then locked the row, and requests the commit. Each function
returns False, having changed nothing, if there is nothing left to do: so a form that is sent twice
acts once.
"""

from sqlalchemy import Select, select
from sqlalchemy.orm import load_only

from app.audit.trail import record
from app.jobs.later import QUEUE
from app.jobs.models import Job
from app.jobs.queue import wake
from app.jobs.queued import GIVEN_UP, WAITING
from app.jobs.schedules import Schedule, queue_now
from app.roles import Permission
from app.roles.held import permissions_of
from app.roles.refusals import PermissionMissing
from app.sessions.current import lock_current_login
from app.staff.actions import JOB_GIVEN_UP, JOB_RETRIED, SCHEDULE_STARTED
from app.staff.refusals import JobDone
from app.unit_of_work import after_commit
from app.users.models import User

# Not the arguments, which may be personal data: reading them from such a row is an error.
SHOWN_OF_JOB = load_only(
    Job.id,
    Job.name,
    Job.state,
    Job.attempts,
    Job.next_attempt_at,
    Job.last_error,
    Job.created_at,
    Job.ended_at,
    raiseload=True,
)


def lock_operator(*others: User) -> None:
    """Lock the signed-in user, who must still have the permission to operate the site.

    Raises PermissionMissing: it may have been revoked while the request waited.
    """
    actor = lock_current_login(*others)
    if Permission.OPERATE not in permissions_of(actor.id):
        raise PermissionMissing


def jobs_in_state(state: str | None) -> Select[tuple[Job]]:
    """Select all jobs, or those in one state, newest first."""
    jobs = select(Job).options(SHOWN_OF_JOB).order_by(Job.id.desc())
    return jobs.where(Job.state == state) if state else jobs


def retry_job(job: Job) -> bool:
    """Make a given-up job due now; return False if it waits or is done."""
    if job.state != GIVEN_UP:
        return False
    QUEUE.retry(job.id)
    record(JOB_RETRIED, None, about=job.name)
    after_commit(wake, QUEUE.name)
    return True


def give_up_job(job: Job) -> bool:
    """Give up a job that waits or runs; return False if it is given up already. Raises JobDone."""
    if job.state == GIVEN_UP:
        return False
    if job.state != WAITING:
        raise JobDone
    QUEUE.give_up(job.id)
    record(JOB_GIVEN_UP, None, about=job.name)
    return True


def start_schedule(schedule: Schedule) -> bool:
    """Queue the job of a schedule now; return False if it waits already."""
    if not queue_now(schedule):
        return False
    record(SCHEDULE_STARTED, None, about=schedule.name)
    return True
