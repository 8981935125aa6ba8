"""What can be read off the files in deploy/, which were not all run where they were written."""

import re
from pathlib import Path

import pytest

from config import Config

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = (ROOT / "compose.yaml").read_text()
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
# What others read: the image, compose, and the health check.
NOT_OURS = {"FLASK_DEBUG", "POSTGRES_PASSWORD", "HEALTH_HOST"}


def instructions(words: str) -> list[str]:
    return re.findall(rf"^{words} (.+)$", DOCKERFILE, re.MULTILINE)


def test_the_image_is_built_in_one_stage_and_run_in_another() -> None:
    assert instructions("FROM") == ["${PYTHON} AS build", "${PYTHON}"]
    assert instructions("COPY --from=build")


def test_the_image_does_not_run_as_root() -> None:
    [user] = instructions("USER")
    assert user != "0"
    assert user.isdecimal(), "Kubernetes' runAsNonRoot understands numbers only."


def test_the_base_can_be_pinned_by_digest() -> None:
    assert DOCKERFILE.index("ARG PYTHON=") < DOCKERFILE.index("FROM")


def test_the_image_installs_the_lock_and_nothing_else() -> None:
    [install] = [run for run in instructions("RUN") if "pip install" in run]
    assert "--require-hashes" in install


def test_the_image_says_how_it_is() -> None:
    assert "HEALTHCHECK" in DOCKERFILE
    assert "/healthz" in DOCKERFILE


@pytest.mark.parametrize("name", [".git", ".env", "instance", "tests"])
def test_nothing_private_goes_into_the_image(name: str) -> None:
    assert name in (ROOT / ".dockerignore").read_text().splitlines()


@pytest.mark.parametrize("service", ["proxy", "web", "worker", "postgres", "redis"])
def test_compose_runs_the_whole_site(service: str) -> None:
    assert re.search(rf"^  {service}:$", COMPOSE, re.MULTILINE)


def test_the_site_has_time_to_finish_what_it_has_begun() -> None:
    [compose] = re.findall(r"stop_grace_period: (\d+)s\n  read_only", COMPOSE)
    [unit] = re.findall(r"TimeoutStopSec=(\d+)", unit_of("lockstep.service"))
    graceful = re.findall(r"graceful_timeout = (\d+)", (ROOT / "gunicorn.conf.py").read_text())
    assert int(graceful[0]) < int(compose) <= int(unit)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_the_units_may_do_little(unit: Path) -> None:
    words = unit.read_text().splitlines()
    assert {"User=lockstep", "NoNewPrivileges=yes", "ProtectSystem=strict"} <= set(words)
    assert any("FLASK_DEBUG=0" in line for line in words)


def test_the_example_names_settings_that_exist() -> None:
    example = (ROOT / "deploy" / "example.env").read_text()
    names = set(re.findall(r"^(\w+)=", example, re.MULTILINE)) - NOT_OURS
    unknown = names - set(vars(Config))
    assert unknown <= {"TRUSTED_PROXIES", "TRUSTED_HOSTS"}, f"{unknown} are no settings"


def unit_of(name: str) -> str:
    return (ROOT / "deploy" / "systemd" / name).read_text()
