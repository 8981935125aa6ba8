"""Packages that only a removed requirement needs are removed from lock files, offline."""

from pathlib import Path

import pytest

from tools.requirements import merge_locks, prune_lock, read_lock, without_requirements

ROOT = Path(__file__).parents[3]
LOCKS = sorted(ROOT.glob("requirements*.txt"))
LOCK = """cbor==1.0 \\
    --hash=sha256:aa
    # via webauthn
flask==3.1 \\
    --hash=sha256:bb
    # via
    #   lockstep (pyproject.toml)
    #   flask-login
flask-login==0.6 \\
    --hash=sha256:cc
    # via lockstep (pyproject.toml)
openssl==2.0 ; python_version < '3.12' \\
    --hash=sha256:dd
    # via
    #   flask
    #   webauthn
webauthn==3.0 \\
    --hash=sha256:ee
    # via lockstep (pyproject.toml)
"""


def names(lock: str) -> list[str]:
    return [pin.name for pin in read_lock(lock)]


def test_packages_that_only_the_requirement_needs_are_removed() -> None:
    pruned = prune_lock(LOCK, {"webauthn"}, ())
    assert names(pruned) == ["flask", "flask-login", "openssl"]
    assert pruned.endswith("--hash=sha256:dd\n    # via flask\n")


def test_a_requirement_that_others_need_stays() -> None:
    pruned = prune_lock(LOCK, {"flask"}, ())
    assert "# via flask-login\nflask-login" in pruned


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_a_lock_file_from_which_nothing_is_removed_is_unchanged(path: Path) -> None:
    main = names((ROOT / "requirements.txt").read_text())
    assert prune_lock(path.read_text(), (), main) == path.read_text()


def test_the_line_of_a_requirement_is_removed() -> None:
    listed = '    "flask>=3.1", # why\n    "flask-login>=0.6", # why\n    "Redis[x]>=8",\n'
    assert without_requirements(listed, {"flask", "redis"}) == '    "flask-login>=0.6", # why\n'


def test_an_update_keeps_the_packages_of_the_product() -> None:
    own = "stripe==9.0 \\\n    --hash=sha256:ff\n    # via notes (pyproject.toml)\n"
    newer = LOCK.replace("flask==3.1", "flask==3.2").replace("sha256:bb", "sha256:b2")
    newer = newer[: newer.index("webauthn==3.0")]
    merged = merge_locks(LOCK, LOCK + own, newer)
    assert names(merged) == ["cbor", "flask", "flask-login", "openssl", "stripe"]
    assert "flask==3.2 \\\n    --hash=sha256:b2" in merged
