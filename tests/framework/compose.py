"""Read compose.yaml and its services."""

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent
VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}")


def read() -> dict[str, Any]:
    """Return the file with its variables replaced by their defaults, or else by their names."""
    text = VARIABLE.sub(lambda match: match[2] or match[1], (ROOT / "compose.yaml").read_text())
    site: dict[str, Any] = yaml.safe_load(text)
    return site


def service(name: str) -> Any:
    return read()["services"][name]


SERVICES = list(read()["services"])
APPLICATION = [name for name in SERVICES if service(name).get("image") == "lockstep"]
SITE = [name for name in APPLICATION if name != "migrate"]
