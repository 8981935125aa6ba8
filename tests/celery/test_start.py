"""Celery is loaded only by a site that uses it, and its workers check the database first."""

import subprocess
import sys
from pathlib import Path

from tests.serving import ROOT, TIMEOUT, environment

BROKER = "redis://127.0.0.1:1/0"


def test_a_database_without_migrations_stops_a_worker(tmp_path: Path) -> None:
    new = f"sqlite:///{tmp_path}/new.sqlite3"
    worker = [sys.executable, "-m", "celery", "-A", "wsgi:celery", "worker"]
    given = environment(DATABASE_URL=new, CELERY_BROKER_URL=BROKER)
    ended = subprocess.run(
        worker, capture_output=True, text=True, timeout=TIMEOUT, cwd=ROOT, env=given
    )
    assert ended.returncode != 0
    assert "The site did not start: The database lacks migrations." in ended.stderr


def test_a_site_without_it_does_not_load_it(clean_database: str) -> None:
    """Loading it costs each start time and memory."""
    start = [sys.executable, "-c", "import sys, wsgi; print(*sys.modules)"]
    given = environment(DATABASE_URL=clean_database)
    loaded = subprocess.check_output(start, text=True, timeout=TIMEOUT, cwd=ROOT, env=given)
    assert "flask" in loaded.split()
    assert "celery" not in loaded.split()
