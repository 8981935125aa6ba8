"""Write a feature: `make feature NAME=notes FIELDS="title:str:120 text:text:5000"`.

The list, form, pages, tests, migration and texts follow the docs, and belong to the product from
then on. See docs/features.md.
"""

from datetime import UTC, datetime
from pathlib import Path

from tools.command import ROOT, Given, change_in_one_commit, run, say
from tools.features import code
from tools.features.feature import (
    Feature,
    require_readable_targets,
    require_short_identifiers,
    with_targets,
)
from tools.features.fields import parse_fields
from tools.features.names import require_distinct, require_unused, require_valid, singular_of
from tools.features.page_files import pages
from tools.features.tests import tests
from tools.features.texts import add_texts
from tools.git import Refused, require_clean
from tools.product_parts import PATH, add_part
from tools.revisions import FOLDER, heads, new_id, read_revisions, written

EXAMPLE = 'make feature NAME=notes FIELDS="title:str:120 text:text:5000"'
NEXT = """
Now run:
  .venv/bin/flask db upgrade
  make install && .venv/bin/pytest -q tests/{plural}
and open {url}. Everything is yours to change: {folder} is where to begin."""


def feature(given: Given) -> None:
    require_clean(ROOT)
    wanted = read_feature(given)
    date = f"{datetime.now(UTC):%Y%m%d}"
    texts: list[str] = []

    def write(tree: Path) -> None:
        made = files_of(tree, wanted, date)
        for path, text in made.items():
            write_file(tree / path, text)
        product = tree / PATH
        product.write_text(add_part(product.read_text("utf-8"), wanted.plural), "utf-8")
        texts.extend(add_texts(tree, {it: made[it] for it in made if it.startswith("app/")}))
        if given.is_on("DRY"):
            print_files(made)

    if change_in_one_commit(given, f"{wanted.plural}: add", write):
        report(wanted, texts)


def read_feature(given: Given) -> Feature:
    """Return the feature to write. Raises Refused if it is not possible."""
    plural = given.text("NAME")
    if not plural or not given.text("FIELDS"):
        raise Refused(f"Give NAME and FIELDS: {EXAMPLE}")
    require_valid(plural, "NAME")
    require_unused(ROOT, plural)
    singular = singular_of(plural, given.text("SINGULAR"))
    require_valid(singular, "SINGULAR")
    require_distinct(plural, singular)
    if given.text("OWNER") not in {"", "user", "none"}:
        raise Refused("OWNER is user (the default) or none.")
    fields = with_targets(ROOT, parse_fields(given.words("FIELDS")))
    wanted = Feature(plural, singular, tuple(fields), given.text("OWNER") != "none")
    require_readable_targets(wanted)
    require_short_identifiers(wanted)
    return wanted


def files_of(tree: Path, it: Feature, date: str) -> dict[str, str]:
    """Return the text of each new file by its path."""
    last = tuple(revision.id for revision in heads(read_revisions(tree)))
    revision = new_id(it.plural, *last)
    name = f"{date}_create_{it.plural}.py"
    return {
        f"app/{it.plural}/__init__.py": code.package(it),
        f"app/{it.plural}/forms.py": code.forms(it),
        f"app/{it.plural}/models.py": code.models(it),
        f"app/{it.plural}/part.toml": code.part(it, name),
        f"app/{it.plural}/views.py": code.views(it),
        **{f"app/templates/{it.plural}/{page}.html": text for page, text in pages(it).items()},
        f"{FOLDER}/{name}": code.migration(it, revision, written(last)),
        **{f"tests/{it.plural}/{file}": text for file, text in tests(it).items()},
    }


def write_file(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def print_files(made: dict[str, str]) -> None:
    for path, text in made.items():
        say(f"--- {path}\n{text}")


def report(it: Feature, texts: list[str]) -> None:
    say(NEXT.format(plural=it.plural, url=it.url, folder=f"app/{it.plural}/"))
    if texts:
        say(f"\nTo translate in app/translations/: {', '.join(map(repr, texts))}")


if __name__ == "__main__":
    run(feature)
