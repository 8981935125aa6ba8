"""Clones of the starter as it is in this working tree, on which the commands are run."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.git import files
from tools.product import Product, read_product, write_product
from tools.revisions import heads, read_revisions

# Two parts that are added to the starter for the tests; one of them needs the other.
SHAPES = {
    "app/shapes/__init__.py": "def init_app(app): ...\n",
    "app/shapes/part.toml": """
title = "Shapes"
tables = ["shapes"]
requirements = ["shapely"]
revisions = ["20980101_create_shapes.py"]
""",
    "app/shapes/models.py": "",
    "tests/shapes/test_shapes.py": "",
    "app/circles/part.toml": 'title = "Circles"\nneeds = ["shapes"]\n',
    "app/circles/__init__.py": "def init_app(app): ...\n",
    "tests/framework/squares.part.toml": 'title = "Squares"\nstarter = true\n',
}
SHAPELY = "shapely==1.0 \\\n    --hash=sha256:aa\n    # via lockstep (pyproject.toml)\n"
REVISION = 'revision = "{}"\ndown_revision = "{}"\n'
ROOT = Path(__file__).parents[3]
AUTHOR = {
    f"GIT_{who}_{what}": "a@example.com"
    for who in ("AUTHOR", "COMMITTER")
    for what in ("NAME", "EMAIL")
}


class Clone:
    """A clone, in which `make` and git are run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self, target: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command without its tests."""
        args = [f"{name}={value}" for name, value in {"TESTS": "0", **variables}.items()]
        return self.run("make", target, f"PYTHON={sys.executable}", *args)

    def run(self, *command: str, **settings: str) -> subprocess.CompletedProcess[str]:
        outer = {name: it for name, it in os.environ.items() if not name.startswith("MAKE")}
        return subprocess.run(
            command,
            cwd=self.folder,
            env={**outer, **AUTHOR, **settings},
            capture_output=True,
            text=True,
        )

    def git(self, *args: str) -> str:
        done = self.run("git", *args)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, message: str, **contents: str) -> str:
        """Write files, commit them, and return the id of the commit."""
        for path, text in contents.items():
            self.write(path, text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def write(self, path: str, text: str) -> None:
        (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / path).write_text(text)

    def add_revision(self, id: str, name: str, year: int = 2099) -> None:
        """Write a migration that follows the last one."""
        [head] = heads(read_revisions(self.folder))
        self.write(f"migrations/versions/{year}0101_{name}.py", REVISION.format(id, head.id))

    def copy_to(self, folder: Path) -> "Clone":
        self.git("clone", "--quiet", "--origin=starter", ".", str(folder / "clone"))
        return Clone(folder / "clone")

    def read(self, path: str) -> str:
        return (self.folder / path).read_text()

    def replace(self, path: str, old: str, new: str) -> None:
        assert old in self.read(path), f"{path} does not contain {old!r}."
        self.write(path, self.read(path).replace(old, new, 1))

    @property
    def state(self) -> tuple[str, str]:
        """Return what a refused command must not change."""
        return self.git("rev-parse", "HEAD"), self.git("status", "--porcelain")


@pytest.fixture(scope="session")
def pure_starter(tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """A repository with the files of this working tree, committed or not.

    In a product, the record of earlier commands is removed, because tests check it.
    """
    folder = tmp_path_factory.mktemp("pure")
    for path in files(ROOT):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, folder / path)
    write_product(folder, Product(version=read_product(folder).version))
    repository = Clone(folder)
    repository.git("init", "--quiet", "--initial-branch=main")
    repository.commit("the starter")
    return repository


@pytest.fixture(scope="session")
def starter(pure_starter: Clone, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """The starter with two more parts."""
    repository = pure_starter.copy_to(tmp_path_factory.mktemp("starter"))
    repository.replace(
        "pyproject.toml", "dependencies = [\n", 'dependencies = [\n    "shapely>=1",\n'
    )
    repository.write("requirements.txt", repository.read("requirements.txt") + SHAPELY)
    repository.add_revision("shapes", "create_shapes", year=2098)
    repository.commit("shapes: add", **SHAPES)
    return repository


@pytest.fixture
def pure_clone(pure_starter: Clone, tmp_path: Path) -> Clone:
    return pure_starter.copy_to(tmp_path)


@pytest.fixture
def clone(starter: Clone, tmp_path: Path) -> Clone:
    return starter.copy_to(tmp_path)
