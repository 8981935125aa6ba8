"""The whole architecture on one screen: the parts, lowest first.

PARTS is the order in which the parts are wired and the order in which they may import each other:
a part may import those above it, and none below. The unit of work stands near the head, because
`after_request` functions run last-registered-first and it has to commit after all others.
"""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.application import Application
from config import Config

from . import (
    accounts,
    audit,
    auth,
    cli,
    database,
    dev,
    doctor,
    errors,
    fragments,
    jobs,
    late_forms,
    logs,
    mail,
    malformed,
    monitoring,
    pages,
    passkeys,
    preferences,
    proxies,
    rate_limits,
    redis,
    request_unit,
    security,
    sessions,
    slots,
    static_files,
    two_factor,
    users,
    well_known,
)
from .audit import views as activity
from .sessions import views as devices

PARTS = (
    proxies,
    logs,
    database,
    redis,
    request_unit,
    errors,
    malformed,
    security,
    slots,
    fragments,
    static_files,
    rate_limits,
    jobs,
    mail,
    users,
    audit,
    sessions,
    preferences,
    late_forms,
    activity,
    devices,
    auth,
    two_factor,
    accounts,
    passkeys,
    pages,
    well_known,
    doctor,
    monitoring,
    dev,
    cli,
)


def create_app(settings: Mapping[str, Any] | None = None) -> Application:
    """Make the application from the environment, with `settings` (in tests, a dict) before it.

    Raises SettingRefused, with a sentence that says which setting and how to mend it.
    """
    app = Application(__name__)
    given = {**os.environ, **(settings or {})}
    app.config.from_mapping(settings or {})
    config = Config(given)
    if not config.SECRET_KEY and (app.debug or app.testing):
        config.SECRET_KEY = _keep_secret_key(Path(app.instance_path)) if app.debug else _make_key()
    config.refuse_weak_secret()
    app.config.from_object(config)
    for part in PARTS:
        part.init_app(app)
    return app


def _make_key() -> str:
    return secrets.token_urlsafe(32)


def _keep_secret_key(folder: Path) -> str:
    """Return development's own secret key, so that a restart signs nobody out."""
    path = folder / "secret-key"
    folder.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    if not path.read_text():
        path.write_text(_make_key())
    return path.read_text()
