"""Access to the pages of staff (tests/framework/access_table.py)."""

from sqlalchemy import null

from app.application import Application
from app.database import db
from app.jobs.models import Job
from app.mail.models import Message
from app.unit_of_work import unit_of_work
from tests.framework.access_table import new_user

GIVEN_UP = {"state": "given-up", "next_attempt_at": null(), "locale": "en"}
CONTENT = {"sender": "", "subject": "", "text": "", "html": ""}


def new_job(app: Application) -> int:
    return add(app, Job(name="prune", arguments=[], **GIVEN_UP))


def new_mail(app: Application) -> int:
    mail = Message(name="mail/test", recipient="alice@example.com", **CONTENT, **GIVEN_UP)
    return add(app, mail)


def add(app: Application, row: Job | Message) -> int:
    with app.app_context(), unit_of_work():
        db.session.add(row)
        db.session.flush()
        return row.id


SAMPLES = {
    "user_id": lambda app: new_user(app).id,
    "job_id": new_job,
    "mail_id": new_mail,
    "name": lambda app: "prune",
}

TABLE = """
                                                visitor     user    admin  support  auditor
GET /staff                                      sign-in      404      303      303      303
GET /staff/events                               sign-in      404      200      404      200
GET /staff/jobs                                 sign-in      404      200      404      404
POST /staff/jobs/<int:job_id>/give-up           sign-in      404      303      404      404
POST /staff/jobs/<int:job_id>/retry             sign-in      404      303      404      404
GET /staff/mails                                sign-in      404      200      404      404
POST /staff/mails/<int:mail_id>/send-again      sign-in      404      303      404      404
GET /staff/people                               sign-in      404      200      200      200
GET /staff/people/<int:user_id>                 sign-in      404      200      200      200
POST /staff/people/<int:user_id>/disable        sign-in      404      422      404      404
POST /staff/people/<int:user_id>/enable         sign-in      404      422      404      404
POST /staff/people/<int:user_id>/end-logins     sign-in      404      422      422      404
POST /staff/people/<int:user_id>/grant-role     sign-in      404      422      404      404
POST /staff/people/<int:user_id>/reset-factors  sign-in      404      422      404      404
POST /staff/people/<int:user_id>/revoke-role    sign-in      404      422      404      404
POST /staff/people/<int:user_id>/send-reset     sign-in      404      422      422      404
GET /staff/schedules                            sign-in      404      200      404      404
POST /staff/schedules/<name>/run                sign-in      404      303      404      404
POST /two-factor/keep                           sign-in      303      303      303      303
GET /two-factor/keep/<token>                        410      410      410      410      410
POST /two-factor/keep/<token>                       410      410      410      410      410
"""
