"""A product that sends a weekly email, in its own file because other processes import it too."""

from pathlib import Path

from jinja2 import ChoiceLoader, FileSystemLoader
from sqlalchemy import select

from app.application import Application
from app.database import db
from app.jobs import job, run_later
from app.mail import Topic, send_mail_later, topics
from app.users.models import User

WEEKLY = Topic("weekly", "Your week", "On Mondays: what happened in your notes.")
TIPS = Topic("tips", "Tips", "How other teams use their notes.", is_opt_in=True)


def init_app(app: Application) -> None:
    topics.add(app, WEEKLY, TIPS)
    templates = FileSystemLoader(Path(__file__).parent / "templates")
    app.jinja_loader = ChoiceLoader([templates, app.jinja_loader or templates])


@job
def mail_the_week() -> None:
    """Mail all users. Only the tests that run it schedule it: a sweep runs all schedules."""
    for user_id in db.session.scalars(select(User.id)):
        run_later(mail_the_week_to, user_id)


@job
def mail_the_week_to(user_id: int) -> None:
    mail_week(db.session.get_one(User, user_id))


def mail_week(user: User, topic: Topic = WEEKLY) -> None:
    send_mail_later(user.email, "weekly/mail/summary", topic=topic, name=user.name)
