"""How Celery runs the jobs of a site, for tests that try every kind of worker."""

from tests.celery.broker import BROKER_URL

# The arguments of `python -m`, with the module of the site, and the settings.
WORKERS = {
    "celery": (
        "celery -A {site}:celery worker --concurrency=1 --loglevel=ERROR",
        {"CELERY_BROKER_URL": BROKER_URL},
    )
}
