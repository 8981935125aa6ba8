"""Give the starter the name of the product, in texts, files and settings.

Three forms: the name on pages (Team Notes), an identifier for files, users and databases
(team_notes), and the name of the package (team-notes). The folder app/ keeps its name.
"""

import html
import re
import unicodedata
from pathlib import Path

from tools.catalogs import compile_catalogs
from tools.git import Refused, files

# They are about the starter also when they are in a product.
KEEP_THE_NAME = re.compile(
    r"LICENSE|docs/make-it-yours\.md|tools/.*|tests/framework/tools/.*|benchmarks/(?!requirements).*"
)
PACKAGE_FILES = re.compile(r"pyproject\.toml|(?:\w+/)?requirements[\w-]*\.(?:txt|in)")
MARKUP = (".html", ".svg", ".xml")
LONGEST_NAME = 40
LONGEST_IDENTIFIER = 24  # "_owner" is added for a role, and names of users may have 32 characters
ALLOWED = " &'\u2019.!+-"
# Names of the system, of its users, of other programs, and of files and folders of the starter.
TAKEN = {
    "app",
    "celery",
    "daemon",
    "lockstep",
    "mail",
    "nginx",
    "nobody",
    "postgres",
    "public",
    "redis",
    "root",
    "site",
    "template0",
    "tests",
    "upstream",
    "users",
    "www_data",
}
README = Path(__file__).parent / "product_readme.md"
CHANGELOG = """# Changelog

Changes to {name}, in the format of [Keep a Changelog](https://keepachangelog.com/en/1.1.0/).

## Unreleased
"""


def require_name(name: str) -> str:
    """Return the name without surplus spaces. Raises Refused if files or emails cannot hold it."""
    name = unicodedata.normalize("NFC", re.sub(" +", " ", name).strip())
    refused = sorted({it for it in name if not (it.isalnum() or it in ALLOWED or is_mark(it))})
    if refused:
        shown = " ".join(repr(it) for it in refused)
        raise Refused(f"The name cannot contain {shown}. Use letters, digits, spaces and &'.!+-")
    if not name:
        raise Refused('Give the product a name: make mine NAME="Team Notes"')
    if not any(it.isalpha() for it in name):
        raise Refused("The name needs at least one letter.")
    if not name[0].isalnum():
        raise Refused("The name must begin with a letter or digit.")
    if len(name) > LONGEST_NAME:
        raise Refused(f"The name has {len(name)} characters; {LONGEST_NAME} are the most.")
    return name


def is_mark(character: str) -> bool:
    """Return whether it is an accent or vowel sign of the letter before it."""
    return unicodedata.category(character) in {"Mn", "Mc"}


def identifier_for(name: str, wanted: str = "") -> str:
    """Return the name for files, users and databases: lower case, digits and underscores."""
    identifier = in_ascii(wanted) if wanted else full_identifier(name)
    example = 'make mine NAME="…" IDENTIFIER=team_notes'
    if wanted and identifier != wanted:
        raise Refused(f"IDENTIFIER can have lower case letters, digits and underscores: {example}")
    if reason := why_refused(identifier):
        raise Refused(
            f"Files, users and databases cannot be named {identifier or 'after this name'}: "
            f"{reason}. Say how to name them: {example}"
        )
    if wanted and len(identifier) > LONGEST_IDENTIFIER:
        raise Refused(f"IDENTIFIER can have {LONGEST_IDENTIFIER} characters at most.")
    return identifier[:LONGEST_IDENTIFIER].rstrip("_")


def full_identifier(name: str) -> str:
    """Return the name for files of any length, which may be too long for users."""
    return in_ascii(unicodedata.normalize("NFKD", name.replace("'", "")).casefold())


def in_ascii(text: str) -> str:
    """Return the letters and digits of a text, without accents, as words joined by underscores."""
    plain = "".join(it for it in unicodedata.normalize("NFKD", text) if not is_mark(it))
    return "_".join(re.findall(r"[a-z0-9]+", plain))


def why_refused(identifier: str) -> str:
    """Return why nothing can be named so, or an empty text."""
    if not identifier:
        return "it has no letter from a to z"
    if not identifier[0].isalpha():
        return "it begins with a digit"
    if identifier in TAKEN:
        return "a program, a user or a folder has this name already"
    return ""


def rename(tree: Path, name: str, identifier: str) -> None:
    """Rename the starter in all files and paths of a checkout."""
    for path in files(tree):
        if not KEEP_THE_NAME.fullmatch(path):
            rename_in(tree / path, path, name, identifier)
            move(tree, path, path.replace("lockstep", identifier))
    compile_catalogs(tree)


def rename_in(file: Path, path: str, name: str, identifier: str) -> None:
    try:
        text = file.read_text("utf-8")
    except UnicodeDecodeError:
        return
    if "lockstep" not in text.lower():
        return
    shown = html.escape(name, quote=False) if path.endswith(MARKUP) else name
    word = identifier.replace("_", "-") if PACKAGE_FILES.fullmatch(path) else identifier
    text = text.replace("Lockstep", shown)
    file.write_text(re.sub(r"(?<!tool\.)lockstep", word, text), "utf-8")


def move(tree: Path, path: str, new: str) -> None:
    if path == new:
        return
    if (tree / new).exists():
        raise Refused(f"{path} would be moved to {new}, which exists. Choose another IDENTIFIER.")
    (tree / new).parent.mkdir(parents=True, exist_ok=True)
    (tree / path).rename(tree / new)


def make_products_own(tree: Path, name: str) -> None:
    """Write the documents of a new product: its README, CHANGELOG and description."""
    readme = README.read_text("utf-8").replace("PRODUCT_NAME", name)
    (tree / "README.md").write_text(readme, "utf-8")
    (tree / "CHANGELOG.md").write_text(CHANGELOG.format(name=name), "utf-8")
    path = tree / "pyproject.toml"
    text = path.read_text("utf-8")
    text = re.sub(r'(?m)^version = "[^"]*"$', 'version = "0.1.0"', text, count=1)
    path.write_text(
        re.sub(r'(?m)^description = ".*"$', lambda _: f'description = "{name}"', text), "utf-8"
    )
