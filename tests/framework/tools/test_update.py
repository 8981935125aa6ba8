"""`make update` merges a later version of the starter into a product that has changed."""

import shutil
from pathlib import Path

import pytest

from tests.framework.tools.conftest import Clone
from tools.revisions import heads, read_revisions

SETTING = "    # The lowest level to log: DEBUG, INFO, WARNING or ERROR.\n"


@pytest.fixture(scope="session")
def both(starter: Clone, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A product, and a later version of the starter, in two folders."""
    folder = tmp_path_factory.mktemp("both")
    for name in ("product", "later"):
        starter.git("clone", "--quiet", "--origin=starter", ".", str(folder / name))
    change_starter(Clone(folder / "later"))
    make_product(Clone(folder / "product"))
    return folder


def change_starter(later: Clone) -> None:
    """Change a setting, a part, a document and the migrations."""
    later.replace("config.py", SETTING, SETTING.replace("lowest", "lowest Lockstep"))
    later.write("app/shapes/new.py", "# new in Lockstep\n")
    later.replace("docs/settings.md", "# Settings", "# All settings")
    later.replace("CHANGELOG.md", "## Unreleased\n", "## Unreleased\n\n- Logs are better.\n")
    later.add_revision("later", "change_logs")
    later.commit("logs: improve\n\nBecause they were worse.")


def make_product(product: Clone) -> None:
    """Rename and strip a clone, and add a migration of its own."""
    assert product.make("mine", NAME="Team Notes").returncode == 0
    assert product.make("without", PART="shapes circles").returncode == 0
    product.add_revision("own", "create_notes")
    product.commit("notes: create")


@pytest.fixture
def later(both: Path, tmp_path: Path) -> Clone:
    return Clone(Path(shutil.copytree(both / "later", tmp_path / "later")))


@pytest.fixture
def product(both: Path, later: Clone, tmp_path: Path) -> Clone:
    product = Clone(Path(shutil.copytree(both / "product", tmp_path / "product")))
    product.git("remote", "set-url", "starter", str(later.folder))
    return product


def test_an_update_keeps_the_name_and_the_removals_of_the_product(
    product: Clone, later: Clone
) -> None:
    product.replace("README.md", "write it here", "we keep notes")
    product.commit("readme: write it")
    done = product.make("update")
    assert done.returncode == 0, done.stderr
    assert "Logs are better." in done.stdout
    assert "The lowest Team Notes level" in product.read("config.py")
    assert not (product.folder / "app/shapes").exists()
    assert "we keep notes" in product.read("README.md")
    assert product.git("status", "--porcelain") == ""
    target = later.git("rev-parse", "HEAD")
    assert product.git("rev-parse", "HEAD^2") == target
    assert f'base = "{target}"' in product.read("pyproject.toml")


def test_the_migrations_of_both_are_joined(product: Clone) -> None:
    assert product.make("update").returncode == 0
    [last] = heads(read_revisions(product.folder))
    assert set(last.down) == {"later", "own"}


def test_an_update_that_was_merged_is_not_merged_again(product: Clone) -> None:
    product.make("update")
    done = product.make("update")
    assert f"Nothing to do: {product.git('rev-parse', 'HEAD^2')[:12]}" in done.stdout


def test_a_reverted_update_is_not_taken_for_a_merged_one(product: Clone) -> None:
    product.make("update")
    product.git("revert", "--no-edit", "--mainline=1", "HEAD")
    before = product.state
    assert "was reverted" in product.make("update").stderr
    assert product.state == before
    product.git("revert", "--no-edit", "HEAD")
    assert "Nothing to do" in product.make("update").stdout


def test_a_branch_is_the_one_of_the_starter(product: Clone, later: Clone) -> None:
    """The product has a branch main, too."""
    later.commit("next", **{"docs/next.md": "next\n"})
    assert product.make("update", TO="main").returncode == 0
    assert product.git("rev-parse", "HEAD^2") == later.git("rev-parse", "HEAD")


def test_a_conflict_is_listed_with_its_reason_and_can_be_undone(product: Clone) -> None:
    product.replace("docs/settings.md", "# Settings", "# Our settings")
    product.commit("docs: rename")
    before = product.state
    assert "docs/settings.md" in product.make("update", DRY="1").stdout
    assert product.state == before
    done = product.make("update")
    assert done.returncode != 0
    assert "docs/settings.md\n" in done.stdout
    assert "logs: improve\n        Because they were worse." in done.stdout
    assert product.git("diff", "--name-only", "--diff-filter=U") == "docs/settings.md"
    product.git("merge", "--abort")
    assert product.state == before


def test_conflict_markers_say_whose_the_sides_are(product: Clone, later: Clone) -> None:
    base = product.git("rev-parse", "--short=12", "starter/main")
    later.git("tag", "v0.2.0")
    product.replace("docs/settings.md", "# Settings", "# Our settings")
    product.commit("docs: rename")
    product.git("config", "merge.conflictStyle", "diff3")
    product.make("update")
    assert product.read("docs/settings.md").startswith(
        f"<<<<<<< yours\n# Our settings\n||||||| starter {base}\n# Settings\n=======\n"
        "# All settings\n>>>>>>> starter v0.2.0\n"
    )


def test_the_version_is_noted_even_if_its_file_is_in_conflict(
    product: Clone, later: Clone
) -> None:
    for clone, version in ((later, "3.12"), (product, "3.13")):
        clone.replace(
            "pyproject.toml", 'requires-python = ">=3.11"', f'requires-python = ">={version}"'
        )
        clone.commit("require another Python")
    product.make("update")
    assert product.git("diff", "--name-only", "--diff-filter=U") == "pyproject.toml"
    assert f'base = "{later.git("rev-parse", "HEAD")}"' in product.read("pyproject.toml")


def test_a_conflict_that_is_resolved_is_a_merge_of_the_starter(
    product: Clone, later: Clone
) -> None:
    product.replace("docs/settings.md", "# Settings", "# Our settings")
    product.commit("docs: rename")
    product.make("update")
    assert "A merge is in progress" in product.make("update").stderr
    product.git("checkout", "--ours", "docs/settings.md")
    product.git("add", "--all")
    product.git("commit", "--no-edit")
    assert product.git("rev-parse", "HEAD^2") == later.git("rev-parse", "HEAD")
    assert "Nothing to do" in product.make("update").stdout


def test_a_product_without_the_history_of_the_starter_is_updated_from_its_base(
    product: Clone, later: Clone
) -> None:
    tree = product.git("rev-parse", "HEAD^{tree}")
    squashed = product.git("commit-tree", tree, "-m", "all in one")
    product.git("reset", "--hard", squashed)
    assert product.make("update").returncode == 0
    assert "The lowest Team Notes level" in product.read("config.py")


def test_an_unknown_version_is_refused(product: Clone) -> None:
    before = product.state
    assert "There is no version v9" in product.make("update", TO="v9").stderr
    assert product.state == before


def test_releases_are_merged_one_at_a_time(product: Clone, later: Clone) -> None:
    later.git("tag", "v0.2.0")
    later.commit("next", **{"docs/next.md": "next\n"})
    later.git("tag", "v0.10.0")
    assert "to v0.2.0" in product.make("update").stdout
    assert "to v0.10.0" in product.make("update").stdout
    assert (product.folder / "docs/next.md").exists()


def test_a_pre_release_is_merged_only_if_it_is_named(product: Clone, later: Clone) -> None:
    later.git("tag", "v0.2.0-rc1")
    later.commit("next", **{"docs/next.md": "next\n"})
    assert "the branch starter/main is taken" in product.make("update", DRY="1").stdout
    assert "to v0.2.0-rc1" in product.make("update", TO="v0.2.0-rc1").stdout
    later.git("tag", "v0.2.0")
    assert "to v0.2.0:" in product.make("update").stdout


def test_without_releases_and_a_known_branch_it_asks_for_a_name(product: Clone) -> None:
    """As for a remote that was added, and not cloned."""
    product.git("remote", "set-head", "starter", "--delete")
    before = product.state
    assert "make update TO=main" in product.make("update").stderr
    assert product.state == before


def test_without_a_remote_it_says_how_to_add_one(product: Clone) -> None:
    product.git("remote", "remove", "starter")
    assert "git remote add starter URL" in product.make("update").stderr
