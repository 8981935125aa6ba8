"""HTTP for all features: input validation, headers, CSRF, forms, errors, limits and rendering.

Other parts use `Form` and `Required` (forms), `rate_limit` (rate_limits), `local_path` and
`current_path` (redirects), `lazy_gettext` (i18n), `paginate` (pagination), `search_term` (search),
`csrf` (csrf), `error_response` (errors), `per_request` and `per_process` (resources),
`add_to_slot` (rendering.slots), `NavigationLink` (navigation), and the saved forms (saved_form).
The other modules register themselves with the application.
"""

from app.application import Application
from app.web import (
    csrf,
    errors,
    headers,
    input_validation,
    logs,
    navigation,
    proxies,
    rate_limits,
    resources,
    search,
    static_files,
)
from app.web.rendering import fragments, slots


def init_app(app: Application) -> None:
    for module in (
        proxies,
        logs,
        errors,
        resources,
        input_validation,
        csrf,
        headers,
        static_files,
    ):
        module.init_app(app)
    fragments.init_app(app)
    slots.init_app(app)
    navigation.init_app(app)
    rate_limits.init_app(app)
    search.init_app(app)
