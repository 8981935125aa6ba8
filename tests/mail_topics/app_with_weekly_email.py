"""The site of the product with the weekly email, for tests that start other processes."""

from app.jobs import scheduled
from tests.mail_topics import weekly
from wsgi import app

weekly.init_app(app)
scheduled("0 8 * * MON")(weekly.mail_the_week)
# part: celery
celery = getattr(app.extensions["workers"], "celery", None)
# end part: celery
