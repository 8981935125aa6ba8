"""Tell Sentry of errors, where SENTRY_DSN is set. It is an extra, imported only then."""

from importlib import import_module
from typing import Any

from app.application import Application
from app.logs import without_private
from config import SettingRefused

# What stays of a request: which page it was and how it was asked for. The rest is people's.
KEPT = ("method",)


def init_app(app: Application) -> None:
    dsn = app.config["SENTRY_DSN"]
    if not dsn:
        return
    try:
        sentry = import_module("sentry_sdk")
    except ModuleNotFoundError as error:
        raise SettingRefused(
            "SENTRY_DSN is set and sentry-sdk is not installed. Run "
            "`pip install --require-hashes -r requirements-sentry.txt`, or leave the setting out."
        ) from error
    sentry.init(
        dsn=dsn,
        include_local_variables=False,
        max_request_body_size="never",
        before_send=scrub,
        before_breadcrumb=lambda crumb, hint: None,
    )


def scrub(sent: dict[str, Any], hint: dict[str, Any]) -> dict[str, Any]:
    """Leave out cookies, headers, address, query and path, and addresses in what it says."""
    asked = sent.get("request") or {}
    sent["request"] = {name: asked[name] for name in KEPT if name in asked}
    sent.pop("user", None)
    sent.pop("server_name", None)
    for exception in (sent.get("exception") or {}).get("values", []):
        exception["value"] = without_private(exception.get("value") or "")
    if "logentry" in sent:
        sent["logentry"] = {"message": without_private(sent["logentry"].get("message") or "")}
    return sent
