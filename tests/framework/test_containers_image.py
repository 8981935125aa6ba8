"""Check the Dockerfile without building it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def instructions(instruction: str) -> list[str]:
    return re.findall(rf"^{instruction} (.+)$", DOCKERFILE, re.MULTILINE)


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
