"""The example of a production environment has only settings, and a shell can read it."""

import re
import subprocess
from pathlib import Path

from app import declared_settings
from config import Config

ROOT = Path(__file__).parent.parent.parent
# Read by other programs.
OTHER_VARIABLES = {
    "FLASK_DEBUG",
    # part: containers
    "POSTGRES_PASSWORD",
    "POSTGRES_OWNER_PASSWORD",
    "POSTGRES_ADMIN_PASSWORD",
    "REDIS_PASSWORD",  # part: redis
    "BROKER_PASSWORD",  # part: celery
    "HEALTH_HOST",
    # end part: containers
}


def test_the_example_contains_only_existing_settings() -> None:
    example = (ROOT / "deploy" / "example.env").read_text()
    names = set(re.findall(r"^(\w+)=", example, re.MULTILINE)) - OTHER_VARIABLES
    known = set().union(*(vars(declared) for declared in (Config, *declared_settings())))
    unknown = names - known
    assert unknown <= {"TRUSTED_PROXIES", "TRUSTED_HOSTS"}, f"not settings: {unknown}"


def test_a_shell_can_read_the_example() -> None:
    """The commands of docs/deploying.md load it with `set -a; . file`."""
    done = subprocess.run(
        ["sh", "-ec", "set -a; . deploy/example.env; env"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert re.search(r"(?m)^MAIL_FROM=.+ <no-reply@example\.com>$", done.stdout)
