"""How a setting is read: from the text in the environment to a value of its type."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from click import ClickException

SWITCH = {"true": True, "1": True, "false": False, "0": False}
SECONDS = {"": 1, "s": 1, "m": 60, "h": 60 * 60, "d": 24 * 60 * 60}
LONGEST_DURATION = timedelta(days=3650)


class SettingRefused(ClickException):
    """Say which setting stops the start, and how to mend it."""


def read_text(name: str, value: str) -> str:
    return value.strip()


def read_number(name: str, value: str) -> int:
    if not re.fullmatch(r"\d{1,12}", value.strip()):
        raise SettingRefused(f"{name} is {value!r}. Write a whole number, such as 5.")
    return int(value)


def read_switch(name: str, value: str) -> bool:
    word = value.strip().lower()
    if word not in SWITCH:
        raise SettingRefused(f"{name} is {value!r}. Write true or false.")
    return SWITCH[word]


def read_duration(name: str, value: str) -> timedelta:
    match = re.fullmatch(r"(\d{1,9})([smhd]?)", value.strip())
    duration = timedelta(seconds=int(match[1]) * SECONDS[match[2]] if match else 0)
    if not timedelta() < duration <= LONGEST_DURATION:
        raise SettingRefused(f"{name} is {value!r}. Write a duration as 90, 90s, 15m, 12h or 30d.")
    return duration


def read_list(name: str, value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


READERS: dict[Any, Callable[[str, str], Any]] = {
    str: read_text,
    int: read_number,
    bool: read_switch,
    timedelta: read_duration,
    tuple[str, ...]: read_list,
}
