"""What a check finds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from app.application import Application


class Weight(Enum):
    FINE = "ok"
    # Works, and will disappoint.
    WARNING = "warning"
    # Does not work, or not safely.
    WRONG = "wrong"


@dataclass(frozen=True)
class Finding:
    weight: Weight
    sentence: str
    # One word a stranger may read: sentences name servers and folders.
    about: str = ""


Check = Callable[[Application], Iterator[Finding]]


def fine(sentence: str) -> Finding:
    return Finding(Weight.FINE, sentence)


def warning(sentence: str) -> Finding:
    return Finding(Weight.WARNING, sentence)


def wrong(sentence: str, about: str = "") -> Finding:
    return Finding(Weight.WRONG, sentence, about)
