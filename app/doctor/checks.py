"""All checks, in the order in which `flask doctor` prints them."""

from collections.abc import Iterable, Iterator

from app.application import Application, doctor_warnings
from app.doctor import connections, schedules, settings
from app.doctor.findings import Check, Finding, Severity, warning
from app.doctor.start import is_command
from config import SettingRefused

SETTINGS: tuple[Check, ...] = (
    settings.check_secret,
    settings.check_https,
    settings.check_hosts,
    settings.check_optional,
    schedules.check_schedules,
)
CONNECTIONS: tuple[Check, ...] = (
    connections.check_database,
    connections.check_heads,
    connections.check_clock,
    schedules.check_sweep,
    connections.check_redis,
    connections.check_broker,
    connections.check_mail_server,
    connections.check_folders,
)


def check_parts(app: Application) -> Iterator[Finding]:
    """Yield the warnings that other parts have added to `doctor_warnings`."""
    for warn in doctor_warnings.items():
        yield from map(warning, warn())


def examine(app: Application, checks: Iterable[Check]) -> Iterator[Finding]:
    for check in checks:
        yield from check(app)


def refuse_wrong_settings(app: Application) -> None:
    """Raise SettingRefused for the first error among the settings, in production only.

    Commands are exempt, so that `flask doctor` can print all errors at once.
    """
    if app.debug or app.testing or is_command():
        return
    for finding in examine(app, SETTINGS):
        if finding.severity is Severity.ERROR:
            raise SettingRefused(finding.sentence)
