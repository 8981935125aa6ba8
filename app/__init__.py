"""The parts of the application, lowest first, and the factory that creates it.

PARTS is the order in which parts are wired, and in which they may import each other: a part may
import the parts before it, and none after it. `after_request` functions run in the reverse order
of registration, so the unit of work, near the beginning, commits last.
"""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app import (
    accounts,
    activity,
    audit,
    auth,
    celery,
    cli,
    database,
    dev,
    doctor,
    export,
    jobs,
    languages,
    mail,
    mail_topics,
    monitoring,
    pages,
    passkeys,
    preferences,
    product,
    redis,
    replica,
    roles,
    sentry,
    sessions,
    staff,
    two_factor,
    unit_of_work,
    users,
    web,
    well_known,
)
from app.application import Application
from config import Config

# What all features build on.
FOUNDATION = (
    database,
    replica,
    unit_of_work,
    web,
    jobs,
    celery,
    mail,
)
# Users, and how they sign in.
IDENTITY = (
    users,
    audit,
    sessions,
    redis,
    preferences,
    languages,
    activity,
    auth,
    two_factor,
    accounts,
    export,
    passkeys,
    mail_topics,
    roles,
    staff,
)
# The home page, and the parts that monitor the product.
PRODUCT = (
    pages,
    well_known,
    doctor,
    sentry,
    monitoring,
    dev,
    cli,
)
# The parts of the product come before the home page, which may import them.
PARTS = FOUNDATION + IDENTITY + product.PARTS + PRODUCT


def create_app(settings: Mapping[str, Any] | None = None) -> Application:
    """Create the application from the environment. `settings` (in tests, a dict) override it.

    Raises SettingRefused, which says which setting is wrong and how to correct it.
    """
    app = Application(__name__)
    app.config.from_mapping(settings or {})
    config = Config({**os.environ, **(settings or {})}, *declared_settings())
    if not config.SECRET_KEY and (app.debug or app.testing):
        config.SECRET_KEY = development_key(app) if app.debug else new_key()
    config.refuse_weak_secret()
    app.config.from_mapping(vars(config))
    for part in PARTS:
        part.init_app(app)
    return app


def declared_settings() -> list[type]:
    """Return the classes in which parts declare settings of their own."""
    return [part.SETTINGS for part in PARTS if hasattr(part, "SETTINGS")]


def new_key() -> str:
    return secrets.token_urlsafe(32)


def development_key(app: Application) -> str:
    """Return the secret key of this checkout, so that a restart does not sign users out."""
    path = Path(app.instance_path, "secret-key")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    if not path.read_text():
        path.write_text(new_key())
    return path.read_text()
