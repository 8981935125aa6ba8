"""Check the Dockerfile and the files in deploy/ without starting them."""

import re
import subprocess
from pathlib import Path

import pytest

from app import declared_settings
from config import Config
from tests.framework.postgresql_cluster import require

ROOT = Path(__file__).parent.parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text()
FILES = sorted((ROOT / "deploy" / "systemd").iterdir())
UNITS = [file for file in FILES if file.suffix == ".service"]
# Read by the image, compose and the health check.
OTHER_VARIABLES = {
    "FLASK_DEBUG",
    "POSTGRES_PASSWORD",
    "POSTGRES_OWNER_PASSWORD",
    "POSTGRES_ADMIN_PASSWORD",
    "REDIS_PASSWORD",  # part: redis
    "BROKER_PASSWORD",  # part: celery
    "HEALTH_HOST",
}


def instructions(words: str) -> list[str]:
    return re.findall(rf"^{words} (.+)$", DOCKERFILE, re.MULTILINE)


def test_the_image_is_built_in_one_stage_and_run_in_another() -> None:
    assert instructions("FROM") == ["${PYTHON} AS build", "${PYTHON}"]
    assert instructions("COPY --from=build")


def test_the_image_does_not_run_as_root() -> None:
    [user] = instructions("USER")
    assert user != "0"
    assert user.isdecimal(), "runAsNonRoot of Kubernetes requires a numeric user."


def test_the_base_can_be_pinned_by_digest() -> None:
    assert DOCKERFILE.index("ARG PYTHON=") < DOCKERFILE.index("FROM")


def test_the_image_installs_the_lock_and_nothing_else() -> None:
    [install] = [run for run in instructions("RUN") if "pip install" in run]
    assert "--require-hashes" in install


def test_the_image_has_a_health_check() -> None:
    assert "HEALTHCHECK" in DOCKERFILE
    assert "/healthz" in DOCKERFILE


@pytest.mark.parametrize("name", [".git", ".env", "instance", "tests"])
def test_nothing_private_goes_into_the_image(name: str) -> None:
    assert name in (ROOT / ".dockerignore").read_text().splitlines()


def test_the_unit_has_time_to_finish_requests() -> None:
    [unit] = re.findall(r"TimeoutStopSec=(\d+)", unit_of("lockstep.service"))
    graceful = re.findall(r"graceful_timeout = (\d+)", (ROOT / "gunicorn.conf.py").read_text())
    assert int(graceful[0]) < int(unit)


@pytest.mark.parametrize("unit", FILES, ids=lambda unit: unit.name)
def test_the_units_are_valid(unit: Path, tmp_path: Path) -> None:
    """systemd-analyze requires that programs exist, so /bin/true replaces them."""
    require("systemd-analyze", "systemd-analyze")
    for file in FILES:
        words = re.sub(r"/srv/\w+/current/\.venv/bin/\w+", "/bin/true", file.read_text())
        (tmp_path / file.name).write_text(words)
    verified = subprocess.run(
        ["systemd-analyze", "verify", tmp_path / unit.name], capture_output=True, text=True
    )
    assert (verified.returncode, verified.stderr) == (0, "")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_finds_little_that_the_units_may_do(unit: Path) -> None:
    """The exposure is 0 to 10; a service without restrictions has 9.6."""
    require("systemd-analyze", "systemd-analyze")
    command = ["systemd-analyze", "security", "--offline=true", "--threshold=15", unit]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_the_units_may_do_little(unit: Path) -> None:
    words = unit.read_text().splitlines()
    assert {"NoNewPrivileges=yes", "ProtectSystem=strict"} <= set(words)
    assert any(line.startswith("User=") for line in words)
    assert any("FLASK_DEBUG=0" in line for line in words)


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


def test_the_proxy_does_not_redirect_to_the_host_header() -> None:
    """test_nginx.py checks it with nginx, if that is installed."""
    site = (ROOT / "deploy" / "nginx" / "lockstep.conf").read_text()
    [target] = re.findall(r"^\s*return 308 (\S+);", site, re.MULTILINE)
    assert target == "https://$server_name$request_uri"


def unit_of(name: str) -> str:
    return (ROOT / "deploy" / "systemd" / name).read_text()
