"""The setting of Sentry; config.py reads it."""


class Settings:
    # Reports errors to Sentry. Needs requirements-sentry.txt.
    SENTRY_DSN: str = ""
