"""Remove migrations from the chain of revisions, and add those that drop tables or join heads."""

import ast
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from tools.git import files

FOLDER = "migrations/versions"
ASSIGNED = re.compile(r"^(revision|down_revision)\b[^=\n]*= (.+)$", re.MULTILINE)
HEADER = '''"""{title}"""
{imports}
revision = "{id}"
down_revision = {down}
branch_labels = None
depends_on = None


'''
NOTHING = """def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
"""
DROP = '''TABLES = {tables}


def upgrade() -> None:
    """Drop the tables of removed parts if this database has them."""
    inspector = inspect(op.get_bind())
    existing = inspector.get_table_names()
    for table in set(existing) - set(TABLES):
        referred = {{key["referred_table"] for key in inspector.get_foreign_keys(table)}}
        if kept_from := referred & set(TABLES):
            raise RuntimeError(f"{{table}} refers to {{sorted(kept_from)}}: change it first.")
    for table, _ in reversed(inspector.get_sorted_table_and_fkc_names()):
        if table in TABLES:
            op.drop_table(table)


def downgrade() -> None:
    """Leave the tables dropped: the code that used them is gone."""
'''


@dataclass(frozen=True)
class Revision:
    path: str
    id: str
    down: tuple[str, ...]


def read_revisions(tree: Path) -> list[Revision]:
    paths = [
        path for path in files(tree) if path.startswith(f"{FOLDER}/") and path.endswith(".py")
    ]
    return [read_revision(path, (tree / path).read_text("utf-8")) for path in paths]


def read_revision(path: str, text: str) -> Revision:
    values = {name: ast.literal_eval(value) for name, value in ASSIGNED.findall(text)}
    down = values["down_revision"] or ()
    return Revision(path, values["revision"], (down,) if isinstance(down, str) else tuple(down))


def heads(revisions: list[Revision]) -> list[Revision]:
    followed = {id for revision in revisions for id in revision.down}
    return [revision for revision in revisions if revision.id not in followed]


def remove_revisions(tree: Path, paths: Collection[str], kept: Collection[str]) -> None:
    """Remove these migrations, and let those that follow them follow their predecessors.

    The ids in `kept` stay as empty migrations.
    """
    revisions = read_revisions(tree)
    removed = [revision for revision in revisions if revision.path in paths]
    for revision in removed:
        (tree / revision.path).unlink()
        if revision.id in kept:
            empty_revision(tree, revision)
    gone = {revision.id: revision.down for revision in removed if revision.id not in kept}
    for revision in read_revisions(tree):
        down = tuple(dict.fromkeys(it for id in revision.down for it in predecessors(id, gone)))
        if down != revision.down:
            follow(tree, revision, down)


def predecessors(id: str, gone: dict[str, tuple[str, ...]]) -> list[str]:
    """Return the id, or the nearest ones before it that still exist."""
    if id not in gone:
        return [id]
    return [it for down in gone[id] for it in predecessors(down, gone)]


def follow(tree: Path, revision: Revision, down: tuple[str, ...]) -> None:
    path = tree / revision.path
    line = f"down_revision = {written(down)}"
    path.write_text(re.sub(r"(?m)^down_revision\b.*$", line, path.read_text("utf-8")), "utf-8")


def written(down: tuple[str, ...]) -> str:
    """Write the predecessors as Alembic does."""
    quoted = [f'"{id}"' for id in down]
    return f"({', '.join(quoted)})" if len(down) > 1 else "".join(quoted) or "None"


def empty_revision(tree: Path, revision: Revision) -> None:
    date = Path(revision.path).name.split("_")[0]
    text = HEADER.format(
        title="nothing: the part of this migration was removed",
        imports="",
        id=revision.id,
        down=written(revision.down),
    )
    (tree / FOLDER / f"{date}_{revision.id}.py").write_text(text + NOTHING, "utf-8")


def add_drop(tree: Path, names: Collection[str], tables: Collection[str]) -> str:
    """Add the migration that drops the tables of removed parts, and return its path."""
    down = tuple(revision.id for revision in heads(read_revisions(tree)))
    listed = "".join(f'    "{table}",\n' for table in tables)
    header = HEADER.format(
        title=f"drop the tables of {', '.join(names) if len(names) < 4 else 'removed parts'}",
        imports="\nfrom alembic import op\nfrom sqlalchemy import inspect\n",
        id=new_id(*names, *down),
        down=written(down),
    )
    text = header.rstrip("\n") + "\n\n" + DROP.format(tables=f"[\n{listed}]")
    return add(tree, f"drop_{'_'.join(names)}", text)


def join_heads(tree: Path) -> str | None:
    """Add a migration that joins two heads, and return its path; None if there is one head."""
    down = tuple(sorted(revision.id for revision in heads(read_revisions(tree))))
    if len(down) < 2:
        return None
    header = HEADER.format(
        title="join the migrations of the starter and of the product",
        imports="",
        id=new_id(*down),
        down=written(down),
    )
    return add(tree, f"join_{'_'.join(id[:6] for id in down)}", header + NOTHING)


def new_id(*names: str) -> str:
    """Return the same id for the same names, so that a repeated run gives the same file."""
    return sha256(" ".join(names).encode()).hexdigest()[:12]


def add(tree: Path, name: str, text: str) -> str:
    path = f"{FOLDER}/{datetime.now(UTC):%Y%m%d}_{name[:60]}.py"
    (tree / path).write_text(text, "utf-8")
    return path
