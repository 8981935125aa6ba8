"""W7: AGENTS.md and the setup are short and correct, and call the same checks as CI."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent.parent
AGENTS = (ROOT / "AGENTS.md").read_text()
BLOCKS = "".join(re.findall(r"^```\n(.*?)^```$", AGENTS, re.MULTILINE | re.DOTALL)).splitlines()
COMMANDS = [line.partition("#")[0].strip() for line in BLOCKS]
TARGETS = [command.split()[1] for command in COMMANDS if command.startswith("make ")]
PROGRAMS = [command for command in COMMANDS if command.startswith(".venv/bin/")]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def steps_of(path: Path) -> list[dict[str, Any]]:
    jobs = yaml.safe_load(path.read_text())["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


def test_agents_md_is_short() -> None:
    assert len(AGENTS.splitlines()) <= 80
    assert len(COMMANDS) == len(TARGETS) + len(PROGRAMS)


@pytest.mark.parametrize("target", TARGETS)
def test_make_knows_the_commands_of_agents_md(target: str) -> None:
    dry_run = subprocess.run(
        ["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True
    )
    assert dry_run.returncode == 0, dry_run.stderr


@pytest.mark.parametrize("command", PROGRAMS)
def test_the_programs_of_agents_md_run(command: str) -> None:
    """With this Python, in place of .venv. `flask doctor` may report problems.

    pytest only collects the tests, because they run in this run too.
    """
    program, *args = command.removeprefix(".venv/bin/").split()
    done = subprocess.run(
        [sys.executable, "-m", program, *args],
        cwd=ROOT,
        env={**os.environ, "PYTEST_ADDOPTS": "--collect-only"},
        capture_output=True,
        text=True,
    )
    assert done.returncode in ({0, 1} if "doctor" in args else {0}), done.stderr
    assert "Traceback" not in done.stderr


def test_the_workflow_runs_the_checks_of_ci_with_all_services() -> None:
    runs = [step.get("run", "") for step in steps_of(ROOT / ".github/workflows/checks.yml")]
    assert any(command.endswith(".ci/run") for command in runs)
    [job] = yaml.safe_load((ROOT / ".github/workflows/checks.yml").read_text())["jobs"].values()
    assert "postgres" in job["services"]
    assert "redis" in job["services"]  # part: redis


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_calls_only_targets_that_exist(workflow: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    for step in steps_of(workflow):
        for target in re.findall(r"^make (\S+)", step.get("run", ""), re.MULTILINE):
            assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_only_read(workflow: Path) -> None:
    assert yaml.safe_load(workflow.read_text())["permissions"] == {"contents": "read"}


def test_the_dev_container_installs_what_tests_use() -> None:
    container = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())
    scripts = [ROOT / container[name] for name in ("postCreateCommand", "postStartCommand")]
    commands = " ".join(script.read_text() for script in scripts)
    assert "postgresql chromium" in commands
    assert "make install" in commands
    assert "redis-server" in commands  # part: redis
    for script in scripts:
        subprocess.run(["bash", "-n", script], check=True)
