"""Checks of settings and servers: what a check reports, and where parts register theirs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from app.application import Application, ExtensionPoint


class Severity(Enum):
    OK = "ok"
    # As it should be, and about to change.
    NOTE = "note"
    # Works, but with a disadvantage that the operator should know.
    WARNING = "warning"
    # Does not work, or is not secure.
    ERROR = "error"


@dataclass(frozen=True)
class Finding:
    severity: Severity
    sentence: str
    # One public word for /readyz: sentences may name servers and folders.
    subject: str = ""


Check = Callable[[Application], Iterator[Finding]]
# `flask doctor` runs all of them. An error in a setting also stops the start, ...
setting_checks: ExtensionPoint[Check] = ExtensionPoint("setting_checks")
# ... and /readyz responds with 503 if a server is missing that the site needs.
readiness_checks: ExtensionPoint[Check] = ExtensionPoint("readiness_checks")
connection_checks: ExtensionPoint[Check] = ExtensionPoint("connection_checks")


def ok(sentence: str) -> Finding:
    return Finding(Severity.OK, sentence)


def note(sentence: str) -> Finding:
    return Finding(Severity.NOTE, sentence)


def warning(sentence: str) -> Finding:
    return Finding(Severity.WARNING, sentence)


def error(sentence: str, subject: str = "") -> Finding:
    return Finding(Severity.ERROR, sentence, subject)
