"""The worker in compose.yaml: its command, its image and its broker."""

from pathlib import Path
from typing import Any

import yaml
from celery.bin.celery import celery

ROOT = Path(__file__).parent.parent.parent
SERVICES: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
WORKER = SERVICES["worker"]


def test_celery_has_the_command() -> None:
    program, *args = WORKER["command"]
    assert program == "celery"
    assert args[:2] == ["-A", "wsgi:celery"]
    command = celery.commands[args[2]]
    command.make_context(args[2], [*args[3:]], resilient_parsing=True)


def test_the_image_has_celery() -> None:
    assert WORKER["build"]["args"] == {"EXTRA": "-celery"}
    assert (ROOT / "requirements-celery.txt").is_file()


def test_the_site_and_the_worker_use_the_same_broker_and_wait_for_it() -> None:
    for service in (WORKER, SERVICES["web"]):
        assert "@broker:6379/" in service["environment"]["CELERY_BROKER_URL"]
        assert service["depends_on"]["broker"] == {"condition": "service_healthy"}
