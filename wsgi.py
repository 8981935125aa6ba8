"""The WSGI application: `gunicorn wsgi:app`."""

import sys

from app import create_app
from app.cli.welcome import welcome
from app.doctor.checks import refuse_wrong_settings
from app.doctor.start import require_ready
from config import SettingRefused

try:
    app = create_app()
    refuse_wrong_settings(app)
    require_ready(app)
    welcome(app)
except SettingRefused as refusal:
    sys.exit(f"The site did not start: {refusal.message}")

# part: celery
# For the command `celery -A wsgi:celery worker`. None without CELERY_BROKER_URL.
celery = getattr(app.extensions["workers"], "celery", None)
# end part: celery
