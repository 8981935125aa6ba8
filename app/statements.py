"""Tell statements that change something from those that only read."""

import re
from functools import lru_cache

LEADING = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/|\()*", re.DOTALL)
CHANGES = re.compile(
    r"(?:INSERT|UPDATE|DELETE|MERGE|REPLACE|TRUNCATE|CREATE|ALTER|DROP|COPY|CALL|DO|GRANT|REVOKE"
    r"|REINDEX|VACUUM|REFRESH|LOCK)\b",
    re.IGNORECASE,
)
CHANGES_WITHIN = re.compile(
    r"\b(?:INSERT\s+INTO|UPDATE\s+\S+\s+SET|DELETE\s+FROM|MERGE\s+INTO)\b", re.IGNORECASE
)


@lru_cache(maxsize=1024)
def writes(statement: str) -> bool:
    """Return whether a statement is made to change something, judged by its words.

    What hides in a function that a SELECT calls is not seen here; on the reading engine the
    database itself refuses that.
    """
    leading = LEADING.match(statement)
    start = leading.end() if leading else 0
    if CHANGES.match(statement, start):
        return True
    return statement[start : start + 4].upper() == "WITH" and bool(
        CHANGES_WITHIN.search(statement)
    )
