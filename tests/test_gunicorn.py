"""What gunicorn makes of gunicorn.conf.py."""

from pathlib import Path
from runpy import run_path

import pytest
from gunicorn.config import Config

CONFIGURATION = Path(__file__).parent.parent / "gunicorn.conf.py"


@pytest.mark.parametrize("asked_for", [None, "-"])
def test_an_access_line_is_made_up_only_for_whoever_asks(asked_for: str | None) -> None:
    settings = run_path(str(CONFIGURATION))
    config = Config()
    for name in ("logger_class", "logconfig_dict"):
        config.set(name, settings[name])
    config.set("accesslog", asked_for or settings["accesslog"])
    logger = config.logger_class(config)
    assert logger.access_log_enabled is bool(asked_for)
