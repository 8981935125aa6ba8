"""docs/where-to-keep-things.md: its examples work as printed."""

import re
from functools import cache
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any

from flask import Flask
from flask import session as cookie

from app.database import db
from app.jobs.later import QUEUE
from app.users.models import User
from tests.conftest import Clock, signed_in
from tests.view_site import Site

PAGE = Path(__file__).parents[2] / "docs/where-to-keep-things.md"
EXAMPLES = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)


@cache
def example_with(name: str) -> Any:
    """Return a module made of the example that defines the function or class `name`."""
    [example] = [text for text in EXAMPLES if re.search(rf"(def|class) {name}\(", text)]
    module = ModuleType(name)
    exec(compile(example, str(PAGE), "exec"), module.__dict__)  # noqa: S102  # our own document
    return module


def name_of(site: Site, user: User) -> str:
    with site.app.app_context():
        return db.session.get_one(User, user.id).display_name


def test_a_folder_is_created_on_first_use_and_deleted_with_the_request(site: Site) -> None:
    upload_folder = example_with("upload_folder").upload_folder
    folders: list[Path] = []

    @site.view("GET")
    def act() -> dict[str, str]:
        folders.extend(Path(upload_folder()) for _ in range(2))
        assert folders[-1].is_dir()
        return {}

    site.get()
    site.get()
    assert folders[0] == folders[1] != folders[2] == folders[3]
    assert not any(folder.exists() for folder in folders)


def test_a_part_declares_its_own_names(site: Site) -> None:
    example = example_with("SearchGlobals")

    @site.view("GET")
    def act() -> dict[str, int]:
        example.g.result_count += 1
        return {"count": example.g.result_count}

    example.init_app(site.app)
    assert [site.get().json["count"] for _ in range(2)] == [1, 1]


def test_the_certificates_are_read_once(site: Site) -> None:
    tls = example_with("tls").tls
    with site.app.app_context():
        first = tls()
    with site.app.app_context():
        assert tls() is first


def test_a_value_in_the_session_expires(clock: Clock) -> None:
    example = example_with("choose_plan")
    app = Flask(__name__)
    app.secret_key = "for this test only"
    with app.test_request_context():
        example.choose_plan("annual")
        clock.forward(minutes=59)
        assert example.chosen_plan() == "annual"
        clock.forward(minutes=1)
        assert example.chosen_plan() is None
        assert "chosen_plan" in cookie


def test_a_job_gets_the_id_of_the_user_and_commits(site: Site, alice: User) -> None:
    site.view()(example_with("make_report").request_report)
    assert signed_in(site.app, alice).post("/act").status_code == 303
    assert name_of(site, alice) == ""
    with site.app.app_context():
        assert QUEUE.process_next() == "done"
    assert name_of(site, alice) == "alice@example.com, reported"


def test_a_thread_has_a_context_and_a_unit_of_work_of_its_own(site: Site, alice: User) -> None:
    example = example_with("rename_in_background")
    threads: list[Thread] = []

    @site.view("GET")
    def act() -> dict[str, str]:
        threads.append(example.rename_in_background(alice.id, "Al"))
        return {}

    site.get()
    threads[0].join(timeout=10)
    assert name_of(site, alice) == "Al"
