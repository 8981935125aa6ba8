"""What Sentry receives of an error: no personal data."""

from typing import Any

from app.application import Application
from app.lazy_modules import lazy_module
from app.web.logs import scrub
from config import SettingRefused

# All other fields of a request contain personal data.
SENT_REQUEST_FIELDS = ("method",)


def init_app(app: Application) -> None:
    """Start Sentry's client if it is configured.

    sentry-sdk is an optional extra, and costs startup time and memory: it is imported only here.
    Raises SettingRefused if it is configured and not installed.
    """
    dsn = app.config["SENTRY_DSN"]
    if not dsn:
        return
    try:
        sentry_sdk = lazy_module("sentry_sdk")
    except ModuleNotFoundError as error:
        raise SettingRefused(
            "SENTRY_DSN is set, but sentry-sdk is not installed. Run "
            "`pip install --require-hashes -r requirements-sentry.txt`, or remove the setting."
        ) from error
    sentry_sdk.init(
        dsn=dsn,
        include_local_variables=False,
        max_request_body_size="never",
        before_send=scrub_event,
        before_breadcrumb=lambda crumb, hint: None,
    )


def scrub_event(event: dict[str, Any], hint: dict[str, Any]) -> dict[str, Any]:
    """Remove cookies, headers, IP address, query and path, and addresses in messages."""
    request = event.get("request") or {}
    event["request"] = {name: request[name] for name in SENT_REQUEST_FIELDS if name in request}
    event.pop("user", None)
    event.pop("server_name", None)
    for exception in (event.get("exception") or {}).get("values", []):
        exception["value"] = scrub(exception.get("value") or "")
    if "logentry" in event:
        event["logentry"] = {"message": scrub(event["logentry"].get("message") or "")}
    return event
