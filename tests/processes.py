"""Run the application and its commands in other processes."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Any

ROOT = Path(__file__).parent.parent
SECRET_KEY = "for the tests only, 0123456789abcdef"


def start(database_url: str, *command: str, **settings: Any) -> subprocess.Popen[str]:
    """Start `python -m …` with the database and the settings in its environment."""
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=environment(database_url, settings),
        text=True,
        stderr=subprocess.PIPE,
    )


def end(process: subprocess.Popen[str]) -> None:
    """Stop a process: SIGTERM, and SIGKILL after 5 seconds."""
    process.terminate()
    try:
        process.communicate(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def environment(database_url: str, settings: dict[str, Any]) -> dict[str, str]:
    variables = {
        "DATABASE_URL": database_url,
        "FLASK_APP": "tests.jobs.app_with_sample_jobs",
        "FLASK_DEBUG": "0",
        "SECRET_KEY": SECRET_KEY,
        "JOB_THREADS": "0",
        **settings,
    }
    return os.environ | {name: str(value) for name, value in variables.items()}


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Wait for another thread or process. Raises AssertionError after `seconds`."""
    until = monotonic() + seconds
    while not condition():
        assert monotonic() < until, f"not true after {seconds} seconds"
        sleep(0.02)
