"""All checks, in the order in which they are told."""

from collections.abc import Iterable, Iterator

from app.application import Application
from app.doctor import connections, settings
from app.doctor.findings import Check, Finding, Weight, warning
from app.start import is_command
from config import SettingRefused

SETTINGS: tuple[Check, ...] = (
    settings.check_secret,
    settings.check_https,
    settings.check_hosts,
    settings.check_optional,
)
CONNECTIONS: tuple[Check, ...] = (
    connections.check_database,
    connections.check_heads,
    connections.check_clock,
    connections.check_redis,
    connections.check_broker,
    connections.check_mail_server,
    connections.check_folders,
)


def check_parts(app: Application) -> Iterator[Finding]:
    """Tell the warnings of parts that can be taken out: app.extensions["warnings"], callables."""
    for warn in app.extensions.get("warnings", []):
        yield from map(warning, warn())


def examine(app: Application, checks: Iterable[Check]) -> Iterator[Finding]:
    for check in checks:
        yield from check(app)


def refuse_wrong_settings(app: Application) -> None:
    """Raise SettingRefused for settings with which the site must not start.

    A command is let through: `flask doctor` tells all of them at once.
    """
    if app.debug or app.testing or is_command():
        return
    for finding in examine(app, SETTINGS):
        if finding.weight is Weight.WRONG:
            raise SettingRefused(finding.sentence)
