"""Merge a later version of the starter into this product: `make update [TO=v0.2.0]`.

The changes of this product are first applied to both versions of the starter, by the tools of each
(tools/transform.py). Only the difference of the results is merged, so that removed parts and the
name of the product cause no conflicts. The result is a merge of the starter's commit, at which the
next update begins.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tools.catalogs import compile_catalog, merge_catalogs, write_catalog
from tools.command import ROOT, Given, check, run, say, say_options
from tools.git import (
    Refused,
    checkout,
    environment,
    files,
    git,
    require_clean,
    run_git,
    write_tree,
)
from tools.product import Product, read_product
from tools.requirements import merge_locks
from tools.revisions import FOLDER, join_heads

REMOTE = "starter"
RELEASE = re.compile(r"v\d+(?:\.\d+)*")
# Files that are the product's own, once they differ from the starter's.
OWN = ("README.md", "CHANGELOG.md", "LICENSE", "app/product.py", "app/static/tokens.css")
# Matched as text and not read as TOML, because the file may contain conflict markers.
BASE = re.compile(r'^base = "\w*"', re.MULTILINE)
OWN_FOLDERS = ("app/static/favicon", "app/templates/pages/", "tests/pages/")


@dataclass(frozen=True)
class Versions:
    """The commit of the starter that was merged last, and the one to merge."""

    base: str
    target: str


def update(given: Given) -> None:
    require_clean(ROOT)
    fetch(given)
    target = commit_of(given.text("TO") or next_version())
    versions = Versions(base_of(target), target)
    require_not_reverted(versions.base)
    if versions.base == target:
        say(f"Nothing to do: {label(target)} of the starter is merged already.")
        return
    with checkout(ROOT, versions.base) as base, checkout(ROOT, target) as new:
        ours, theirs = prepare(base, new)
    announce(versions, ours, theirs)
    say_options(given)
    if given.is_on("DRY"):
        with checkout(ROOT, ours) as tree:
            report(merge(tree, theirs), versions)
        say("\nDRY=1: nothing was changed.")
        return
    finish(versions, ours, theirs)
    check(given, "check")


def fetch(given: Given) -> None:
    """Fetch the starter. A version that TO names may also exist here, without a remote."""
    if REMOTE in git(ROOT, "remote").split():
        git(ROOT, "fetch", "--quiet", "--tags", REMOTE)
    elif not given.text("TO"):
        raise Refused(
            f"There is no remote named {REMOTE}. Add it: git remote add {REMOTE} URL (or rename "
            f"the one that you cloned from: git remote rename origin {REMOTE}). Or name a commit "
            "that is here: make update TO=…"
        )


def commit_of(name: str) -> str:
    """Return the commit of a branch of the starter, a release, or any other name of a commit.

    In this order: the product may have a branch of the same name, such as main.
    """
    for place in (f"refs/remotes/{REMOTE}/{name}", f"refs/tags/{name}", name):
        found = run_git(ROOT, "rev-parse", "--verify", "--quiet", f"{place}^{{commit}}")
        if found.returncode == 0:
            return found.stdout.strip()
    raise Refused(
        f"There is no version {name}: no branch of the remote {REMOTE}, no tag and no commit has "
        "this name. `git tag` lists the releases. Nothing was changed."
    )


def next_version() -> str:
    """Return the oldest release of the starter that is not merged yet, else its main branch.

    Pre-releases are merged only if TO names one: git sorts v0.2.0-rc1 after v0.2.0.
    """
    tags = git(ROOT, "tag", "--list", "v*", "--no-merged", "HEAD", "--sort=version:refname")
    releases = [tag for tag in tags.split() if RELEASE.fullmatch(tag)]
    return releases[0] if releases else main_branch()


def main_branch() -> str:
    """Return the main branch of the remote, which git knows if the starter was cloned."""
    head = run_git(ROOT, "symbolic-ref", "--quiet", "--short", f"refs/remotes/{REMOTE}/HEAD")
    if head.returncode:
        raise Refused(
            f"There is no release of the starter that this product lacks, and git does not know "
            f"the main branch of the remote {REMOTE}. Name a version or a branch: "
            "make update TO=main. Nothing was changed."
        )
    branch = head.stdout.strip()
    say(f"There is no release that this product lacks, so the branch {branch} is taken.")
    return branch


def base_of(target: str) -> str:
    """Return the last commit that this product and the version have in common."""
    shared = run_git(ROOT, "merge-base", "HEAD", target)
    if shared.returncode == 0:
        return shared.stdout.strip()
    base = read_product(ROOT).base
    if not base or run_git(ROOT, "merge-base", "--is-ancestor", base, target).returncode:
        raise Refused(
            "This product has no history in common with that version, and `base` in "
            "pyproject.toml names no commit of it. Set `base` to the commit of the starter that "
            "you began with."
        )
    return base


def require_not_reverted(base: str) -> None:
    """Refuse if this product had a later version than it has.

    A revert takes the changes of an update back, and `base` in pyproject.toml with them. For git,
    that version is still merged: the next update would leave out the reverted changes.
    """
    noted = read_product(ROOT).base
    if noted in {"", base} or run_git(ROOT, "merge-base", "--is-ancestor", noted, base).returncode:
        return
    raise Refused(
        f"The update to {label(base)} was reverted: git has it merged, but `base` in "
        f"pyproject.toml is {label(noted)}. Nothing was changed. First revert the revert "
        "(`git revert` of its commit), then run this again. If that version was merged by hand, "
        f'write `base = "{base}"` there instead.'
    )


def prepare(base: Path, new: Path) -> tuple[str, str]:
    """Return two commits whose merge is the update: of this product, and of the new version."""
    product = read_product(ROOT)
    turn_into(base, product)
    turn_into(new, product)
    settle(base, new)
    old = commit_tree(write_tree(base), "the starter as it was", [])
    ours = commit_tree(git(ROOT, "rev-parse", "HEAD^{tree}"), "the product", [old])
    return ours, commit_tree(write_tree(new), "the starter as it is now", [old])


def turn_into(tree: Path, product: Product) -> None:
    """Apply the changes of the product to a version, with the tools of that version."""
    command = [sys.executable, "-B", "-m", "tools.transform"]
    done = subprocess.run(
        command,
        cwd=tree,
        input=product.to_json(),
        capture_output=True,
        text=True,
        env=environment(),
    )
    if done.returncode:
        raise Refused(f"The starter could not be prepared for this product:\n{done.stderr}")


def commit_tree(tree: str, message: str, parents: list[str]) -> str:
    named = [word for parent in parents for word in ("-p", parent)]
    return git(ROOT, "commit-tree", tree, *named, "-m", message)


# --- Files that are not merged line by line ------------------------------------------------------


def settle(base: Path, new: Path) -> None:
    """Decide the files that are not merged line by line.

    The old version and the product get the same content, so that git takes the new one.
    """
    for path in files(ROOT):
        old, theirs = base / path, new / path
        merged = settled(path, old, theirs)
        if merged is not None:
            place(old, (ROOT / path).read_bytes())
            place(theirs, merged)


def settled(path: str, old: Path, theirs: Path) -> bytes | None:
    """Return the content of this file after the update, or None if git merges it."""
    own = (ROOT / path).read_bytes()
    if path in OWN or path.startswith(OWN_FOLDERS):
        return own if not old.exists() or own != old.read_bytes() else None
    if path == "pyproject.toml":
        return None
    if not (old.exists() and theirs.exists()):
        return None
    if Path(path).match("requirements*.txt"):
        texts = (old.read_text("utf-8"), own.decode(), theirs.read_text("utf-8"))
        return merge_locks(*texts).encode()
    if path.endswith((".po", ".mo")):
        return merged_catalog(Path(path), old, theirs)
    return None


def merged_catalog(path: Path, old: Path, theirs: Path) -> bytes:
    sources = [folder.with_suffix(".po") for folder in (old, ROOT / path, theirs)]
    messages = merge_catalogs(*(source.read_text("utf-8") for source in sources))
    return compile_catalog(messages) if path.suffix == ".mo" else write_catalog(messages).encode()


def place(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


# --- The merge -----------------------------------------------------------------------------------


def finish(versions: Versions, ours: str, theirs: str) -> None:
    """Merge in the working tree. Conflicts are left as by `git merge`."""
    with as_head(ours):
        conflicts = merge(ROOT, theirs)
    for path in conflicts:
        name_sides(ROOT / path, theirs, versions)
    git_file("MERGE_HEAD").write_text(versions.target + "\n")
    message = f"update: merge the starter at {label(versions.target)}\n"
    git_file("MERGE_MSG").write_text(message)
    complete(conflicts, versions.target)
    report(conflicts, versions)
    if conflicts:
        raise Refused(
            "\nResolve them, `git add` the files and `git commit`; then run `make check`. "
            "`git merge --abort` undoes the update."
        )
    git(ROOT, "commit", "--quiet", "--no-verify", "--no-edit")
    say(f"Merged as {git(ROOT, 'rev-parse', '--short', 'HEAD')}.")


def complete(conflicts: list[str], target: str) -> None:
    """Join the migrations, unless they conflict, and note which commit was merged."""
    if not any(path.startswith(FOLDER) for path in conflicts) and (added := join_heads(ROOT)):
        say(f"Two migrations were the last one: {added} joins them.")
        git(ROOT, "add", added)
    path = ROOT / "pyproject.toml"
    path.write_text(BASE.sub(f'base = "{target}"', path.read_text("utf-8"), count=1), "utf-8")
    if "pyproject.toml" not in conflicts:
        git(ROOT, "add", "pyproject.toml")


@contextmanager
def as_head(commit: str) -> Iterator[None]:
    """Set HEAD temporarily to another commit, with the same files."""
    branch = run_git(ROOT, "symbolic-ref", "--quiet", "HEAD").stdout.strip()
    before = git(ROOT, "rev-parse", "HEAD")
    git(ROOT, "update-ref", "--no-deref", "-m", "update: prepare the merge", "HEAD", commit)
    try:
        yield
    finally:
        if branch:
            git(ROOT, "symbolic-ref", "HEAD", branch)
        else:
            git(ROOT, "update-ref", "--no-deref", "HEAD", before)


def merge(tree: Path, theirs: str) -> list[str]:
    """Merge a commit into the checkout without committing, and return the paths in conflict."""
    done = run_git(tree, "merge", "--quiet", "--no-ff", "--no-commit", theirs)
    conflicts = git(tree, "diff", "--name-only", "--diff-filter=U").split("\n")
    if done.returncode and not any(conflicts):
        raise Refused(f"git could not merge:\n{done.stdout}{done.stderr}")
    return [path for path in conflicts if path]


def name_sides(file: Path, theirs: str, versions: Versions) -> None:
    """Name the two sides in the conflict markers of a file.

    git writes HEAD, and the ids of commits that only this update has. It adds the path if the file
    was renamed.
    """
    if not file.is_file():
        return
    text = file.read_bytes()
    for marker, side in (
        ("<<<<<<< HEAD", "<<<<<<< yours"),
        (r"\|{7} [0-9a-f]+", f"||||||| starter {label(versions.base)}"),
        (f">>>>>>> {theirs}", f">>>>>>> starter {label(versions.target)}"),
    ):
        text = re.sub(rf"(?m)^{marker}(?=:|\r?$)".encode(), side.encode(), text)
    file.write_bytes(text)


def git_file(name: str) -> Path:
    return ROOT / git(ROOT, "rev-parse", "--git-path", name)


# --- What is printed -----------------------------------------------------------------------------


def announce(versions: Versions, ours: str, theirs: str) -> None:
    commits = git(ROOT, "rev-list", "--count", f"{versions.base}..{versions.target}")
    say(f"From {label(versions.base)} to {label(versions.target)}: {commits} commits.")
    say(git(ROOT, "diff", "--shortstat", f"{ours}^", theirs).strip() or "No file changes here.")
    changes = git(
        ROOT, "diff", "--unified=0", versions.base, versions.target, "--", "CHANGELOG.md"
    )
    news = [line[1:] for line in changes.splitlines() if line.startswith("+") and line[1:2] != "+"]
    if news:
        say("\nWhat changed, from the CHANGELOG of the starter:\n")
        say("\n".join(f"  {line}" for line in news))
    say()


def report(conflicts: list[str], versions: Versions) -> None:
    """List the conflicts, each with the commits of the starter that changed the file."""
    if not conflicts:
        say("No conflicts.")
        return
    say(f"{len(conflicts)} files changed here and in the starter, and git could not merge them:")
    for path in conflicts:
        say(f"\n  {path}")
        span = f"{versions.base}..{versions.target}"
        log = git(ROOT, "log", "--no-merges", "--format=%h %s%n%w(90,4,4)%b", span, "--", path)
        say("\n".join(f"    {line}" for line in log.splitlines() if line.strip()))


def label(commit: str) -> str:
    """Return the tag of a commit, or its short id."""
    tag = run_git(ROOT, "describe", "--tags", "--exact-match", commit)
    return tag.stdout.strip() if tag.returncode == 0 else commit[:12]


if __name__ == "__main__":
    run(update)
