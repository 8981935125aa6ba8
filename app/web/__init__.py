"""What every request passes through, whatever the feature."""

from app.application import Application
from app.web import (
    csrf,
    errors,
    headers,
    input_validation,
    logs,
    proxies,
    rate_limits,
    static_files,
)
from app.web.rendering import fragments, slots


def init_app(app: Application) -> None:
    for module in (proxies, logs, errors, input_validation, csrf, headers, static_files):
        module.init_app(app)
    fragments.init_app(app)
    slots.init_app(app)
    rate_limits.init_app(app)
