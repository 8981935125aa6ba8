"""The site of the product with the weekly email, for tests that start other processes."""

from tests.mail_topics import weekly
from wsgi import app

weekly.init_app(app)
# part: celery
celery = getattr(app.extensions["workers"], "celery", None)
# end part: celery
