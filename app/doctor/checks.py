"""All checks, in the order in which `flask doctor` prints them."""

from collections.abc import Iterable, Iterator

from app.application import Application, doctor_warnings
from app.checks import (
    Check,
    Finding,
    Severity,
    connection_checks,
    readiness_checks,
    setting_checks,
    warning,
)
from app.doctor import connections, settings
from app.doctor.start import is_command
from config import SettingRefused

SETTINGS: tuple[Check, ...] = (
    settings.check_secret,
    settings.check_https,
    settings.check_hosts,
    settings.check_rate_limits,
    settings.check_optional,
)
CONNECTIONS: tuple[Check, ...] = (
    connections.check_heads,
    connections.check_clock,
    connections.check_mail_server,
    connections.check_folders,
)


def check_settings(app: Application) -> Iterator[Finding]:
    yield from examine(app, (*SETTINGS, *setting_checks.items(app)))


def check_readiness(app: Application) -> Iterator[Finding]:
    yield from examine(app, (connections.check_database, *readiness_checks.items(app)))


def check_connections(app: Application) -> Iterator[Finding]:
    yield from examine(app, (*CONNECTIONS, *connection_checks.items(app)))


def check_parts(app: Application) -> Iterator[Finding]:
    """Yield the warnings that other parts have added to `doctor_warnings`."""
    for warn in doctor_warnings.items():
        yield from map(warning, warn())


def check_all(app: Application) -> Iterator[Finding]:
    yield from examine(app, (check_settings, check_parts, check_readiness, check_connections))


def examine(app: Application, checks: Iterable[Check]) -> Iterator[Finding]:
    for check in checks:
        yield from check(app)


def refuse_wrong_settings(app: Application) -> None:
    """Raise SettingRefused for the first error among the settings, in production only.

    Commands are exempt, so that `flask doctor` can print all errors at once.
    """
    if app.debug or app.testing or is_command():
        return
    for finding in check_settings(app):
        if finding.severity is Severity.ERROR:
            raise SettingRefused(finding.sentence)
