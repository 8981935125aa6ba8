"""The common parts of the commands: variables, DRY and TESTS, commits and errors.

make passes the names of the variables that were given on its command line; their values are in the
environment, with a prefix, because LANGUAGE alone is the language of programs.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tools.git import Refused, checkout, commit_all, git, require_clean

ROOT = Path(__file__).resolve().parent.parent
PREFIX = "GIVEN_"


class Given:
    """The variables that were given to make: `given.words("PART")`, `given.is_on("DRY")`."""

    def __init__(self, names: list[str]) -> None:
        self.values = {name: os.environ.get(f"{PREFIX}{name}", "") for name in names}

    def text(self, name: str) -> str:
        return self.values.get(name, "").strip()

    def words(self, name: str) -> list[str]:
        return self.text(name).replace(",", " ").split()

    def is_on(self, name: str) -> bool:
        return self.text(name).lower() not in {"", "0", "no", "false"}

    def is_off(self, name: str) -> bool:
        return name in self.values and not self.is_on(name)


def run(command: Callable[[Given], None]) -> None:
    """Run a command; end with a sentence if it is refused."""
    try:
        command(Given(sys.argv[1:]))
    except Refused as refusal:
        raise SystemExit(str(refusal)) from None


def say(text: str = "") -> None:
    """Print a line. Continue if the reader of the output has ended, as with `| head`."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say_options(given: Given) -> None:
    """Name the variables that were not given, before anything is changed and tested."""
    if not given.is_on("DRY") and not given.is_off("TESTS"):
        say("DRY=1 shows what would change, and TESTS=0 leaves out the tests that follow.\n")


def change_in_one_commit(given: Given, message: str, change: Callable[[Path], None]) -> bool:
    """Make a change in a temporary checkout, commit it there, and move this branch to it.

    If anything fails, nothing has changed here. With DRY=1, only the list of files is printed.
    Return whether the change was made.
    """
    require_clean(ROOT)
    with checkout(ROOT, "HEAD") as tree:
        change(tree)
        commit = commit_all(tree, message)
    say(git(ROOT, "diff", "--stat=100", "--compact-summary", "HEAD", commit))
    if given.is_on("DRY"):
        say("\nDRY=1: nothing was changed.")
        return False
    git(ROOT, "merge", "--quiet", "--ff-only", commit)
    remove_compiled_leftovers()
    say(f"\nCommitted as {commit[:12]}. `git revert {commit[:12]}` undoes it.")
    return True


def remove_compiled_leftovers() -> None:
    """Remove folders in which git left only compiled Python files."""
    for cache in [*ROOT.glob("app/**/__pycache__"), *ROOT.glob("tests/**/__pycache__")]:
        if [path.name for path in cache.parent.iterdir()] == ["__pycache__"]:
            for path in cache.iterdir():
                path.unlink()
            cache.rmdir()
            cache.parent.rmdir()


def check(given: Given, target: str) -> None:
    """Run the checks, unless TESTS=0. A failure is reported, and the commit stays."""
    if given.is_off("TESTS"):
        say(f"TESTS=0: run `make {target}` before you push.")
        return
    say(f"\nThe change is committed. Now `make {target}` runs.")
    environment = {name: it for name, it in os.environ.items() if not name.startswith(PREFIX)}
    environment.pop("MAKEFLAGS", None)
    if subprocess.run(["make", target], cwd=ROOT, env=environment).returncode:
        raise Refused(f"`make {target}` failed: see above. What was changed is committed.")
