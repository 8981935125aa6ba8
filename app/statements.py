"""Tell statements that only read from those that change something or end the transaction."""

import re
from functools import lru_cache

# Comments and brackets that may stand before the first word.
LEADING = re.compile(r"(?:\s|;|--[^\n]*(?:\n|$)|/\*.*?\*/|\()*", re.DOTALL)
READS = re.compile(
    r"(?:SELECT|WITH|VALUES|TABLE|SHOW|EXPLAIN|PRAGMA|SET|RESET|DECLARE|FETCH|MOVE|CLOSE|LOCK"
    r"|BEGIN|START|SAVEPOINT|RELEASE|ROLLBACK)\b",
    re.IGNORECASE,
)
ENDS = re.compile(
    r"(?:COMMIT|END|ABORT|PREPARE\s+TRANSACTION|ROLLBACK(?!.*\bTO\b))\b", re.IGNORECASE
)
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
# Not the UPDATE of SELECT … FOR UPDATE, or FOR NO KEY UPDATE.
CHANGES_WITHIN = re.compile(
    r"\bINSERT\s+INTO\b|\bDELETE\s+FROM\b|\bMERGE\s+INTO\b|(?<!\bFOR\s)(?<!\bKEY\s)\bUPDATE\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=1024)
def writes(statement: str) -> bool:
    """Return whether a statement may change something, judged by its words.

    One whose first word is not known to read counts as a change: rather a refusal too many than a
    change that nobody noticed. What hides in a function that a SELECT calls is not seen here; on
    the reading engine the database itself refuses that.
    """
    start = _first_word(statement)
    if not READS.match(statement, start):
        return start < len(statement)
    return statement[start : start + 4].upper() == "WITH" and bool(
        CHANGES_WITHIN.search(QUOTED.sub("", statement))
    )


@lru_cache(maxsize=1024)
def ends_transaction(statement: str) -> bool:
    """Return whether a statement commits or rolls back; going back to a savepoint does neither."""
    return bool(ENDS.match(statement, _first_word(statement)))


def _first_word(statement: str) -> int:
    leading = LEADING.match(statement)
    return leading.end() if leading else 0
