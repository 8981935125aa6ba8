"""A feature: its fields, and its names in code and on pages."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

from tools.features.fields import Author, Field, Reference, Target, title_of
from tools.features.names import MAX_IDENTIFIER_LENGTH, class_name
from tools.git import Refused
from tools.product_parts import PATH, parts_of


@dataclass(frozen=True)
class Feature:
    plural: str
    singular: str
    fields: tuple[Field, ...]
    # Whether each row belongs to one user, and only this user can read it.
    is_owned: bool

    @property
    def model(self) -> str:
        return class_name(self.singular)

    @property
    def url(self) -> str:
        return "/" + self.plural.replace("_", "-")

    @property
    def title(self) -> str:
        """Return the column by which a list shows, sorts and searches its rows."""
        return title_of(list(self.fields)).name

    @property
    def words(self) -> str:
        return self.plural.replace("_", " ")

    @property
    def word(self) -> str:
        return self.singular.replace("_", " ")

    @property
    def heading(self) -> str:
        return self.words[0].upper() + self.words[1:]

    @property
    def index(self) -> str:
        return f"ix_{self.plural}_{self.title}"

    @property
    def selected(self) -> str:
        """Return the function that selects the rows that the user may read."""
        return f"{'own' if self.is_owned else 'all'}_{self.plural}"

    @property
    def references(self) -> list[Reference]:
        return [it for it in self.fields if type(it) is Reference]

    @property
    def authors(self) -> list[Author]:
        return [it for it in self.fields if isinstance(it, Author)]

    @property
    def entered(self) -> list[Field]:
        """Return the fields of the form."""
        return [it for it in self.fields if not isinstance(it, Author)]

    @property
    def samples(self) -> dict[str, str]:
        """Return the values that the tests enter, by the name of the field."""
        return {it.name: it.sample for it in self.fields if it.sample is not None}


def with_targets(tree: Path, fields: list[Field]) -> list[Field]:
    """Add its target to each reference. Raises Refused if the target is not a feature."""
    return [
        replace(it, target=target_of(tree, it)) if type(it) is Reference else it for it in fields
    ]


def target_of(tree: Path, field: Reference) -> Target:
    """Read the files that this command wrote for the target of a reference."""
    plural = field.table
    models, plugin = tree / f"app/{plural}/models.py", tree / f"tests/{plural}/plugin.py"
    listed = parts_of((tree / PATH).read_text("utf-8"))
    source = models.read_text("utf-8") if plural in listed and models.exists() else ""
    index = re.search(r'Index\(\s*"ix_\w+",\s*(?:"user_id",\s*)?search_key\((\w+)\)', source)
    fixture = re.search(r"def (\w+)_path\(", plugin.read_text("utf-8") if plugin.exists() else "")
    if index is None or fixture is None:
        raise Refused(
            f"{field.name}: there is no feature {plural!r} that `make feature` has written. A "
            "reference leads to one of these, or to users."
        )
    return Target(plural, fixture[1], index[1], '"user_id"' in index[0])


def require_readable_targets(feature: Feature) -> None:
    """Raise Refused if rows that all users edit refer to rows that only one may read."""
    for ref in feature.references:
        if ref.leads_to.is_owned and not feature.is_owned:
            raise Refused(
                f"{ref.name}: with OWNER=none all users edit these rows, but each of the "
                f"{ref.table} is readable for one user only. Nothing was changed."
            )


def require_short_identifiers(feature: Feature) -> None:
    """Raise Refused if PostgreSQL would truncate the name of an index or a constraint."""
    names = [feature.index, f"fk_{feature.plural}_user_id_users", f"pk_{feature.plural}"]
    for it in feature.fields:
        if isinstance(it, Reference):
            names += [f"ix_{feature.plural}_{it.column}"]
            names += [f"fk_{feature.plural}_{it.column}_{it.table}"]
    for name in names:
        if len(name) > MAX_IDENTIFIER_LENGTH:
            raise Refused(
                f"{name} has more than {MAX_IDENTIFIER_LENGTH} characters, the longest name in "
                "PostgreSQL. Nothing was changed: use shorter names."
            )
