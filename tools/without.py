"""Remove parts or languages: `make without PART="passkeys celery"`, `make without LANGUAGE=es`."""

import re
from dataclasses import replace
from pathlib import Path

from tools.command import ROOT, Given, change_in_one_commit, check, run, say, say_options
from tools.git import Refused, files, require_clean, starter_commit
from tools.parts import Part, dependents, files_of, read_parts, read_required
from tools.product import read_product, write_product
from tools.revisions import add_drop, heads, read_revisions
from tools.transform import remove, revisions_of


def without(given: Given) -> None:
    parts = read_parts(ROOT)
    names = chosen(parts, given)
    if not names:
        list_parts(parts)
        return
    require_clean(ROOT)
    removed = [parts[name] for name in names]
    announce(removed)
    say_options(given)
    message = f"without: remove {', '.join(names)}"
    if change_in_one_commit(given, message, lambda tree: remove_parts(tree, removed)):
        say(migration_hint(removed))
        check(given, "test")


def chosen(parts: dict[str, Part], given: Given) -> list[str]:
    """Return the names of the parts to remove. Raises Refused with the reason."""
    languages = {part.language: part.name for part in parts.values() if part.language}
    names = [named_part(parts, name) for name in given.words("PART")]
    names += [named_language(languages, code) for code in given.words("LANGUAGE")]
    wanted = with_languages(parts, set(names))
    for kept, needed in dependents(parts, wanted).items():
        raise Refused(
            f"{kept} needs {' and '.join(sorted(needed))}. Nothing was changed: remove both "
            f'(PART="{" ".join(sorted({*wanted, kept}))}"), or keep both.'
        )
    return sorted(wanted)


def named_part(parts: dict[str, Part], name: str) -> str:
    name = name.lower().replace("-", "_")
    if name in parts and not parts[name].starter:
        return name
    if reason := read_required(ROOT).get(name):
        raise Refused(f"{name} cannot be removed: {reason}.")
    if name in {*read_product(ROOT).removed, *read_product(ROOT).removed_languages}:
        raise Refused(f"{name} has been removed already.")
    raise Refused(f"There is no part {name}. `make without` lists the parts.")


def named_language(languages: dict[str, str], code: str) -> str:
    if code in languages:
        return languages[code]
    if code == "en":
        raise Refused("en cannot be removed: all texts are written in English.")
    known = ", ".join(sorted(languages)) or "none"
    raise Refused(f"There is no language {code} to remove. Those that can be removed: {known}.")


def with_languages(parts: dict[str, Part], names: set[str]) -> set[str]:
    """Add the parts that only languages need, if none is left except English, and the reverse."""
    languages = {part.name for part in parts.values() if part.language}
    serving = {need for name in languages for need in parts[name].needs}
    if names & serving:
        return names | languages
    return names | serving if languages and languages <= names else names


def list_parts(parts: dict[str, Part]) -> None:
    say('Parts that `make without PART="NAME NAME"` removes:\n')
    for part in parts.values():
        if not part.language and not part.starter:
            needs = f" (needs {', '.join(part.needs)})" if part.needs else ""
            say(f"  {part.name:<14} {part.title}{needs}")
    say("\nLanguages that `make without LANGUAGE=CODE` removes:\n")
    for part in parts.values():
        if part.language:
            say(f"  {part.language:<14} {part.title}")
    say("\nParts that cannot be removed:\n")
    for name, reason in read_required(ROOT).items():
        say(f"  {name:<14} {reason}")


def announce(parts: list[Part]) -> None:
    for part in parts:
        own = files_of(ROOT, [part])
        more = [*revisions_of(ROOT, [part]), *(f"table {table}" for table in part.tables)]
        more += [f"requirement {name}" for name in part.requirements]
        say(f"Remove {part.name} ({part.title}): {', '.join([f'{len(own)} files', *more])}")
    say()


def remove_parts(tree: Path, parts: list[Part]) -> None:
    """Remove the parts from a checkout of the product, and note that they are removed."""
    product = read_product(tree)
    revisions = revisions_of(tree, parts)
    last = {it.id for it in heads(read_revisions(tree)) if it.path in revisions}
    kept = tuple(sorted({*product.kept_revisions, *last}))
    remove(tree, parts, kept)
    require_no_imports(tree, parts)
    if tables := [table for part in parts for table in part.tables]:
        add_drop(tree, [part.name for part in parts if part.tables], tables)
    names = {part.name for part in parts if not part.language}
    languages = {part.name for part in parts if part.language}
    write_product(
        tree,
        replace(
            product,
            base=product.base or starter_commit(ROOT),
            removed=tuple(sorted({*product.removed, *names})),
            removed_languages=tuple(sorted({*product.removed_languages, *languages})),
            kept_revisions=kept,
        ),
    )


def require_no_imports(tree: Path, parts: list[Part]) -> None:
    """Refuse if a kept file imports a removed part, such as a file of the product."""
    names = "|".join(part.name for part in parts if (ROOT / "app" / part.name).is_dir())
    if not names:
        return
    imported = re.compile(
        rf"(?m)^\s*(?:from app\.|import app\.|from app import (?:.*\W)?)(?:{names})\b"
    )
    using = [
        path
        for path in files(tree)
        if path.endswith(".py") and imported.search((tree / path).read_text("utf-8"))
    ]
    if using:
        raise Refused(
            f"These files import what would be removed: {', '.join(using)}. Nothing was changed: "
            "change or delete them first, and commit."
        )


def migration_hint(parts: list[Part]) -> str:
    tables = ", ".join(table for part in parts for table in part.tables)
    if not tables:
        return ""
    return (
        f"A migration drops {tables}. On a database that has such a table, first let no running "
        "version use it any more, then run `flask db upgrade -x destructive=yes`."
    )


if __name__ == "__main__":
    run(without)
