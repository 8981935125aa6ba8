"""Make this clone a product of its own: `make mine NAME="Team Notes" [KEEP=benchmarks]`."""

from dataclasses import replace
from pathlib import Path

from tools.command import ROOT, Given, change_in_one_commit, check, run, say, say_options
from tools.git import Refused, require_clean, starter_commit
from tools.parts import read_parts
from tools.product import Product, read_product, write_product
from tools.rename import (
    full_identifier,
    identifier_for,
    make_products_own,
    rename,
    require_name,
)
from tools.transform import remove

NEXT = """
Now edit, as yours:
  app/static/favicon.svg            the logo, which is also in the header of all pages
  app/static/tokens.css             the colours and sizes, for light and dark
  app/templates/pages/home.html     the home page
  README.md                         what {name} is
  LICENSE                           your terms; keep the notice of the starter's authors in it
"""


def mine(given: Given) -> None:
    product = read_product(ROOT)
    require_clean(ROOT)
    require_new(product)
    name = require_name(given.text("NAME"))
    identifier = identifier_for(name, given.text("IDENTIFIER"))
    about_the_starter = chosen(given)
    say(f"Name the product {name!r}, and its files, users and databases {identifier!r}.")
    if not given.text("IDENTIFIER") and full_identifier(name) != identifier:
        say(f"That is cut to {len(identifier)} characters. IDENTIFIER=… chooses another.")
    for part in about_the_starter:
        say(f"Remove {part}: {read_parts(ROOT)[part].title}.")
    made = replace(
        product,
        base=product.base or starter_commit(ROOT),
        name=name,
        identifier=identifier,
        removed=tuple(sorted({*product.removed, *about_the_starter})),
    )
    say("Write a README and an empty CHANGELOG.\n")
    say_options(given)
    message = f"mine: name the product {name}"
    if change_in_one_commit(given, message, lambda tree: make_product(tree, made)):
        say(NEXT.format(name=name))
        say_where_data_is(identifier)
        check(given, "test")


def say_where_data_is(identifier: str) -> None:
    """Say how to keep the data of `make run`, whose file has the name of the product now."""
    new = f"{identifier}.sqlite3"
    for old in sorted((ROOT / "instance").glob("*.sqlite3")):
        if old.name != new:
            say(f"To keep the data of development: mv instance/{old.name} instance/{new}")


def require_new(product: Product) -> None:
    if product.name:
        raise Refused(
            f"This is {product.name} already. To take another name, `git revert` the commit of "
            "`make mine` and run it again, or edit the name by hand: APP_NAME in config.py."
        )


def chosen(given: Given) -> list[str]:
    """Return the parts about the starter that are removed."""
    parts = sorted(part.name for part in read_parts(ROOT).values() if part.starter)
    kept = set(given.words("KEEP"))
    possible = set(parts) - {"starter"}
    if kept - possible:
        raise Refused(
            f"KEEP can name {' or '.join(sorted(possible))}, not {' '.join(sorted(kept))}."
        )
    return [name for name in parts if name not in kept]


def make_product(tree: Path, product: Product) -> None:
    parts = read_parts(tree)
    removed = [part for part in parts.values() if part.starter and part.name in product.removed]
    remove(tree, removed, product.kept_revisions)
    rename(tree, product.name, product.identifier)
    make_products_own(tree, product.name)
    write_product(tree, product)


if __name__ == "__main__":
    run(mine)
