"""The settings in gunicorn.conf.py."""

import gc
from collections.abc import Iterator
from pathlib import Path
from runpy import run_path
from typing import Any

import pytest
from gunicorn.config import Config

CONFIGURATION = Path(__file__).parent.parent.parent / "gunicorn.conf.py"


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[dict[str, Any]]:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))  # part: monitoring
    yield run_path(str(CONFIGURATION))
    gc.enable()  # the file disables the garbage collector until the first fork


@pytest.mark.parametrize("asked_for", [None, "-"])
def test_access_lines_are_formatted_only_if_an_access_log_is_set(
    asked_for: str | None, settings: dict[str, Any]
) -> None:
    config = Config()
    for name in ("logger_class", "logconfig_dict"):
        config.set(name, settings[name])
    config.set("accesslog", asked_for or settings["accesslog"])
    logger = config.logger_class(config)
    assert logger.access_log_enabled is bool(asked_for)
