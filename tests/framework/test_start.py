"""Starting and stopping `gunicorn wsgi:app`, as a platform does."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask_migrate import downgrade
from sqlalchemy import text

from app import create_app
from app.application import Application
from app.database import db
from app.doctor.start import require_ready
from config import SettingRefused
from tests.conftest import SETTINGS, dispose, migrate
from tests.loaded_modules import loaded_by_start
from tests.serving import ROOT, TIMEOUT, Server, command, environment

SLOW = """
import sys, time
from app.sessions.guards import public
from wsgi import app

@app.get("/slow")
@public
def slow():
    print("slow has begun", file=sys.stderr, flush=True)
    time.sleep(1)
    return {"done": True}
"""
GARBAGE = """
import gc
from app.sessions.guards import public
from wsgi import app

@app.get("/garbage")
@public
def garbage():
    own, frozen = len(gc.get_objects()), gc.get_freeze_count()
    return {"enabled": gc.isenabled(), "own": own, "frozen": frozen}
"""
Gunicorn = Callable[..., Server]


@dataclass
class Response:
    status: int
    page: str
    request_id: str


def get(url: str, path: str) -> Response:
    with closing(HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT)) as connection:
        connection.request("GET", path)
        response = connection.getresponse()
        return Response(
            response.status, response.read().decode(), response.headers["X-Request-ID"]
        )


def refusal(**settings: str) -> str:
    """Start the server, which must fail, and return its only line of output."""
    ended = subprocess.run(
        command("--bind", "127.0.0.1:0", "wsgi:app"),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        cwd=ROOT,
        env=environment(**settings),
        check=False,
    )
    lines = [line for line in (ended.stdout + ended.stderr).splitlines() if line[0] not in "[{"]
    assert ended.returncode != 0
    assert len(lines) == 1, "\n".join(lines)
    return lines[0]


@pytest.fixture
def new_file(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/new.sqlite3"


@pytest.fixture
def migrated(new_file: str) -> Iterator[Application]:
    migrate(new_file)
    application = create_app({**SETTINGS, "DATABASE_URL": new_file})
    yield application
    dispose(application)


# --- Refused starts -----------------------------------------------------------------------------


def test_no_secret_stops_the_start_with_one_sentence() -> None:
    assert refusal(SECRET_KEY="").startswith("The site did not start: SECRET_KEY is missing.")


def test_an_invalid_number_of_threads_stops_the_start() -> None:
    assert refusal(THREADS="many") == "THREADS is 'many'. Write a whole number of at least 1."


def test_an_unreachable_database_stops_the_start() -> None:
    sentence = refusal(DATABASE_URL="postgresql://alice:hunter2@127.0.0.1:1/shop")
    assert "DATABASE_URL names a database that cannot be reached" in sentence
    assert "hunter2" not in sentence


def test_a_new_database_stops_the_start(new_file: str) -> None:
    assert refusal(DATABASE_URL=new_file).endswith(
        "The database lacks migrations. Run `flask db upgrade`, then start."
    )


def test_a_database_file_that_cannot_be_created_stops_the_start() -> None:
    with pytest.raises(SettingRefused, match="cannot be reached"):
        require_ready(create_app({**SETTINGS, "DATABASE_URL": "sqlite:////nowhere/at/all"}))


def test_a_database_one_step_behind_stops_the_start(migrated: Application) -> None:
    require_ready(migrated)
    with migrated.app_context():
        downgrade(directory=str(ROOT / "migrations"), x_arg=["destructive=yes"])
    with pytest.raises(SettingRefused, match="The database lacks migrations"):
        require_ready(migrated)


def test_a_database_ahead_of_the_code_does_not_stop_the_start(migrated: Application) -> None:
    """It is ahead during a deployment, and after a rollback."""
    with migrated.app_context(), db.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'of tomorrow'"))
    require_ready(migrated)


def test_the_site_may_be_started_from_anywhere(clean_database: str, tmp_path: Path) -> None:
    variables = environment(DATABASE_URL=clean_database, PYTHONPATH=str(ROOT))
    start = [sys.executable, "-c", "import wsgi"]
    assert subprocess.run(start, cwd=tmp_path, env=variables, timeout=TIMEOUT).returncode == 0


def test_the_start_does_not_load_what_few_requests_need(clean_database: str) -> None:
    loaded = loaded_by_start(clean_database)
    assert "flask" in loaded
    assert "email_validator" not in loaded


# --- Serving and stopping ---------------------------------------------------------------------


def test_the_site_is_served_until_sigterm(gunicorn: Gunicorn) -> None:
    server = gunicorn(APP_NAME="Shop")
    home, login = get(server.url, "/"), get(server.url, "/login")
    assert (home.status, login.status) == (200, 200)
    assert "Shop" in home.page
    assert 'name="csrf_token"' in login.page
    assert server.stop() == 0
    assert "Traceback" not in server.log


def test_each_request_is_one_line_with_its_id(gunicorn: Gunicorn) -> None:
    server = gunicorn()
    request_id = get(server.url, "/nowhere?secret=1").request_id
    server.wait_for(request_id)
    [line] = [line for line in server.lines if line.get("request_id") == request_id]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/…", 404)
    assert "nowhere" not in server.log
    assert "secret" not in server.log


def test_a_request_in_progress_is_completed_before_the_stop(
    gunicorn: Gunicorn, tmp_path: Path
) -> None:
    (tmp_path / "slow.py").write_text(SLOW)
    server = gunicorn("slow:app", PYTHONPATH=str(tmp_path))
    with ThreadPoolExecutor() as threads:
        pending = threads.submit(get, server.url, "/slow")
        server.wait_for("slow has begun")
        assert server.stop() == 0
        assert pending.result().status == 200


def test_a_worker_collects_garbage_only_among_its_own_objects(
    gunicorn: Gunicorn, tmp_path: Path
) -> None:
    """Visiting the objects from before the fork would copy their shared memory."""
    (tmp_path / "garbage.py").write_text(GARBAGE)
    server = gunicorn("garbage:app", PYTHONPATH=str(tmp_path))
    counts = json.loads(get(server.url, "/garbage").page)
    assert counts["enabled"]
    assert counts["frozen"] > 20 * counts["own"]
