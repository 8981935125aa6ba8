"""`make install`, with packages that the test builds, and `make run`."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen
from zipfile import ZipFile

import pytest

from tests.mail_server import free_port
from tests.processes import environment, wait_until

ROOT = Path(__file__).parent.parent.parent


class Project:
    """A folder with the Makefile, and a lock file of empty packages."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock = folder / "requirements-dev.txt"
        self.environment = folder / ".venv"
        shutil.copy(ROOT / "Makefile", folder)

    def write_lock(self, **versions: str) -> None:
        lines = [
            f"{name.replace('_', '-')}=={version} --hash=sha256:{self.pack(name, version)}\n"
            for name, version in versions.items()
        ]
        self.lock.write_text("".join(lines))

    def pack(self, name: str, version: str) -> str:
        """Build an empty wheel, and return its digest."""
        wheel = self.folder / f"{name}-{version}-py3-none-any.whl"
        about = f"{name}-{version}.dist-info"
        with ZipFile(wheel, "w") as archive:
            metadata = f"Metadata-Version: 2.1\nName: {name.title()}\nVersion: {version}\n"
            archive.writestr(f"{about}/METADATA", metadata)
            archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
            archive.writestr(f"{about}/RECORD", "")
        return sha256(wheel.read_bytes()).hexdigest()

    def make(self, target: str = "install") -> subprocess.CompletedProcess[str]:
        offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.folder)}
        command = ["make", target, f"PYTHON={sys.executable}"]
        return subprocess.run(
            command,
            cwd=self.folder,
            env=without_make(os.environ) | offline,
            capture_output=True,
            text=True,
        )

    @property
    def installed(self) -> set[str]:
        command = [self.environment / "bin/python", "-m", "pip", "freeze"]
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return set(listed.lower().split())


def without_make(environment: Mapping[str, str]) -> dict[str, str]:
    """Leave out the variables that an outer make sets: the tests may run in `make test`."""
    return {name: it for name, it in environment.items() if not name.startswith("MAKE")}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def test_a_new_lock_updates_the_environment_in_place(project: Project) -> None:
    project.write_lock(some_thing="1.0", gone="1.0", same="1.0")
    assert project.make().returncode == 0
    assert project.installed == {"some_thing==1.0", "gone==1.0", "same==1.0"}
    other = project.environment / "lib/left-alone"
    other.touch()
    project.write_lock(some_thing="2.0", same="1.0", added="1.0")
    done = project.make()
    assert done.returncode == 0, done.stderr
    assert project.installed == {"some_thing==2.0", "same==1.0", "added==1.0"}
    assert other.exists()
    assert "Installing" not in project.make().stdout, "nothing is left to install"


def test_make_install_prints_one_line_about_its_duration(project: Project) -> None:
    project.write_lock(thing="1.0", other="1.0")
    done = project.make()
    assert done.stdout == (
        "Installing requirements-dev.txt into .venv (about a minute the first time)\n"
    )
    assert done.stderr == ""


def test_a_package_with_another_digest_is_refused(project: Project) -> None:
    project.write_lock(thing="1.0")
    project.lock.write_text(project.lock.read_text().replace("sha256:", "sha256:0")[:-2] + "\n")
    assert project.make().returncode != 0
    assert project.installed == set()
    assert project.make().returncode != 0, "the failed installation must not count as done"


def test_a_linked_environment_is_not_changed(project: Project) -> None:
    project.write_lock(thing="1.0")
    project.environment.symlink_to(project.folder)
    done = project.make()
    assert done.returncode != 0
    assert "is a symbolic link" in done.stderr


def test_the_site_and_its_links_can_have_another_port(tmp_path: Path) -> None:
    """On macOS, another program has port 5000."""
    port = free_port()
    # With the environment of this test, which is installed already.
    installed = [f"--old-file={sys.prefix}/{name}" for name in (".installed", ".runnable")]
    process = subprocess.Popen(
        ["make", "run", f"PORT={port}", f"VENV={sys.prefix}", *installed],
        cwd=ROOT,
        env=without_make(
            environment(
                f"sqlite:///{tmp_path}/new.sqlite3", {"FLASK_APP": "wsgi.py", "FLASK_DEBUG": "1"}
            )
        ),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        assert process.stdout is not None
        url = next(line.split()[1] for line in process.stdout if line.startswith("Open http"))
        assert url == f"http://127.0.0.1:{port}"
        wait_until(lambda: responds(url))
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.communicate()


def responds(url: str) -> bool:
    try:
        return bool(urlopen(url).status == 200)  # noqa: S310  # the site that the test started
    except URLError:
        return False
