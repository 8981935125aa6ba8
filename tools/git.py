"""Run git, and work in temporary checkouts so that a failure leaves the real one as it was."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Refused(Exception):
    """The command cannot do this; the message says why and what to do."""


def git(tree: Path, *words: str, stdin: str | None = None) -> str:
    """Return what git prints. Raises Refused with git's own message if it fails."""
    done = run_git(tree, *words, stdin=stdin)
    if done.returncode:
        raise Refused(f"git {words[0]} failed: {(done.stderr or done.stdout).strip()}")
    return done.stdout.rstrip("\n")


def run_git(tree: Path, *words: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run git without hooks, which are for commits by hand."""
    command = ["git", "-c", "core.hooksPath=/dev/null", "-c", "core.quotePath=off", *words]
    return subprocess.run(
        command, cwd=tree, input=stdin, capture_output=True, text=True, env=environment()
    )


def environment() -> dict[str, str]:
    """Return the environment without the variables by which git names a repository in hooks."""
    own = {"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"}
    return {name: value for name, value in os.environ.items() if name not in own}


def files(tree: Path) -> list[str]:
    """Return the paths of the files in a checkout, without those that git ignores."""
    listed = git(tree, "ls-files", "--cached", "--others", "--exclude-standard", "-z")
    paths = {path for path in listed.split("\0") if path}
    return sorted(path for path in paths if (tree / path).is_file())


def require_clean(tree: Path) -> None:
    if run_git(tree, "rev-parse", "HEAD").returncode:
        raise Refused("This is not a git repository with a commit: clone it, do not copy it.")
    if run_git(tree, "rev-parse", "--quiet", "--verify", "MERGE_HEAD").returncode == 0:
        raise Refused(
            "A merge is in progress: finish it with `git commit`, or undo it with "
            "`git merge --abort`. Nothing was done."
        )
    if git(tree, "status", "--porcelain"):
        raise Refused(
            "The working tree has changes that are not committed. Nothing was done: commit them, "
            "or put them aside with `git stash -u`, then run this again."
        )


def starter_commit(tree: Path) -> str:
    """Return the commit of the starter that a clone began with.

    That is the newest one that its remote has: features may have been committed since.
    """
    for remote in ("starter", "origin"):
        shared = run_git(tree, "merge-base", "HEAD", f"refs/remotes/{remote}/HEAD")
        if shared.returncode == 0:
            return shared.stdout.strip()
    return git(tree, "rev-parse", "HEAD")


@contextmanager
def checkout(tree: Path, revision: str) -> Iterator[Path]:
    """Check a revision out in a temporary folder, and remove it afterwards."""
    with tempfile.TemporaryDirectory(prefix="checkout-") as folder:
        place = Path(folder) / "tree"
        git(tree, "worktree", "add", "--quiet", "--detach", str(place), revision)
        try:
            yield place
        finally:
            git(tree, "worktree", "remove", "--force", str(place))


def write_tree(tree: Path) -> str:
    """Return the id of the git tree of all files of a checkout."""
    git(tree, "add", "--all")
    return git(tree, "write-tree")


def commit_all(tree: Path, message: str) -> str:
    """Commit all changes of a checkout, and return the id of the commit."""
    git(tree, "add", "--all")
    git(tree, "commit", "--quiet", "--no-verify", "--allow-empty", "--file=-", stdin=message)
    return git(tree, "rev-parse", "HEAD")
