"""The result of a check: a severity and a sentence."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from app.application import Application


class Severity(Enum):
    OK = "ok"
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


def ok(sentence: str) -> Finding:
    return Finding(Severity.OK, sentence)


def warning(sentence: str) -> Finding:
    return Finding(Severity.WARNING, sentence)


def error(sentence: str, subject: str = "") -> Finding:
    return Finding(Severity.ERROR, sentence, subject)
