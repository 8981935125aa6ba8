"""Type the examples of a page of the documentation into a copy of the project."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
FILE = re.compile(r"^`(\S+)`\n\n```(?:python|html|markdown)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Not in a clone. The cache of mypy is copied, which saves half a minute.
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv*", ".pytest_cache", "__pycache__", "instance", "node_modules"
)
DEVELOPMENT = {"FLASK_APP": "wsgi.py", "FLASK_DEBUG": "1"}


def examples(page: Path) -> dict[str, str]:
    """Return the text of each file that the page prints, by its path."""
    return dict(FILE.findall(page.read_text()))


def commands(page: Path) -> list[str]:
    """Return the lines of the blocks of commands, without their comments."""
    blocks = BLOCK.findall(page.read_text())
    lines = "".join(text for language, text in blocks if not language).splitlines()
    return [line.partition("    #")[0].strip() for line in lines if line.strip()]


def copy_project(folder: Path) -> Path:
    project = folder / "project"
    shutil.copytree(ROOT, project, ignore=LEFT_OUT)
    # Some tests ask git for the files of the project.
    subprocess.run(["git", "init", "--quiet"], cwd=project, check=True)
    return project


def type_in(project: Path, page: Path) -> None:
    """Write the files of the page, list its parts, and run its commands except `make`."""
    files = examples(page)
    for path, text in files.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_text(text.replace('"HEAD"', f'"{head(project)}"'))
    add_parts(project, [path.split("/")[1] for path in files if path.endswith("/__init__.py")])
    run(project, "flask", "db", "upgrade", **DEVELOPMENT)
    for command in commands(page):
        program, _, arguments = command.partition(" ")
        if program == ".venv/bin/flask":
            run(project, "flask", *(word.strip('"') for word in split(arguments)), **DEVELOPMENT)
        elif program != "make":
            subprocess.run(command, shell=True, cwd=project, check=True)  # noqa: S602  # our own page


def split(arguments: str) -> list[str]:
    """Split the words of a command, of which some are quoted."""
    return re.findall(r'"[^"]*"|\S+', arguments)


def add_parts(project: Path, names: list[str]) -> None:
    """List parts in app/product.py, beside those that are listed there already."""
    path = project / "app/product.py"
    text = re.sub(r"\nfrom app import .*\n", "", path.read_text())
    listed = re.findall(r"\w+(?=,)", text.rpartition("= ")[2])
    every = sorted({*listed, *names})
    if not every:
        return
    imported = f"from types import ModuleType\n\nfrom app import {', '.join(every)}\n"
    text = text.replace("from types import ModuleType\n", imported)
    path.write_text(re.sub(r"= \(.*\)", f"= ({', '.join(every)},)", text, flags=re.DOTALL))
    run(project, "ruff", "check", "--select=I", "--fix", "--quiet", str(path))
    run(project, "ruff", "format", "--quiet", str(path))


def head(project: Path) -> str:
    """Return the newest revision."""
    printed = run(project, "flask", "db", "heads", **DEVELOPMENT)
    return printed.splitlines()[-1].split()[0]


def run(project: Path, *command: str, **settings: str) -> str:
    """Run `python -m …` in the copy. Raises AssertionError with the output if it fails."""
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")
    }
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=project,
        env={**inherited, **settings},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-10_000:]
    return done.stdout
