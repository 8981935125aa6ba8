"""The units in deploy/systemd are valid and have few rights."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.framework.postgresql_cluster import require

ROOT = Path(__file__).parent.parent.parent
FILES = sorted((ROOT / "deploy" / "systemd").iterdir())
UNITS = [file for file in FILES if file.suffix == ".service"]


def test_the_unit_has_time_to_finish_requests() -> None:
    [unit] = re.findall(r"TimeoutStopSec=(\d+)", unit_of("lockstep.service"))
    graceful = re.findall(r"graceful_timeout = (\d+)", (ROOT / "gunicorn.conf.py").read_text())
    assert int(graceful[0]) < int(unit)


@pytest.mark.parametrize("unit", FILES, ids=lambda unit: unit.name)
def test_the_units_are_valid(unit: Path, tmp_path: Path) -> None:
    """systemd-analyze requires that programs exist, so /bin/true replaces them."""
    require("systemd-analyze", "systemd-analyze")
    for file in FILES:
        content = re.sub(r"/srv/\w+/current/\.venv/bin/\w+", "/bin/true", file.read_text())
        (tmp_path / file.name).write_text(content)
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
    lines = unit.read_text().splitlines()
    assert {"NoNewPrivileges=yes", "ProtectSystem=strict"} <= set(lines)
    assert any(line.startswith("User=") for line in lines)
    assert any("FLASK_DEBUG=0" in line for line in lines)


def unit_of(name: str) -> str:
    return (ROOT / "deploy" / "systemd" / name).read_text()
