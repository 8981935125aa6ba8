"""The setting of Celery; config.py reads it."""


class Settings:
    # Runs jobs and sends emails in Celery instead: redis://host:6379/1
    CELERY_BROKER_URL: str = ""
