"""Classify SQL statements: reads, writes, and statements that end the transaction."""

import re
from functools import lru_cache

# Text without keywords: comments, strings, quoted names, and bodies of functions.
QUOTED = re.compile(
    r"""--[^\n]*|/\*.*?\*/|\b[eE]'(?:[^'\\]|\\.)*'|'[^']*'|"[^"]*"|\$((?:[a-zA-Z_]\w*)?)\$.*?\$\1\$""",
    re.DOTALL,
)
# Parentheses before the first keyword.
LEADING = re.compile(r"[\s(]*")
READS = re.compile(
    r"(?:SELECT|WITH|VALUES|TABLE|SHOW|EXPLAIN|PRAGMA|SET|RESET|DECLARE|FETCH|MOVE|CLOSE|LOCK"
    r"|BEGIN|START|SAVEPOINT|RELEASE|ROLLBACK)\b",
    re.IGNORECASE,
)
ENDS = re.compile(
    r"(?:COMMIT|END|ABORT|PREPARE\s+TRANSACTION|ROLLBACK(?!.*\bTO\b))\b", re.IGNORECASE | re.DOTALL
)
# Not the UPDATE of SELECT … FOR UPDATE, or FOR NO KEY UPDATE.
CHANGES_WITHIN = re.compile(
    r"\bINSERT\s+INTO\b|\bDELETE\s+FROM\b|\bMERGE\s+INTO\b|(?<!\bFOR\s)(?<!\bKEY\s)\bUPDATE\b",
    re.IGNORECASE,
)
# State that outlives the transaction. PRAGMA sets a value with `=` or parentheses.
STAYS = re.compile(
    r"SET\b(?!\s+(?:LOCAL|TRANSACTION|CONSTRAINTS)\b)|(?:RESET|DECLARE|DISCARD|LISTEN|LOAD|ATTACH)\b"
    r"|PREPARE\b(?!\s+TRANSACTION\b)|PRAGMA\b.*[=(]"
    r"|CREATE\s+(?:(?:LOCAL|GLOBAL|OR\s+REPLACE)\s+)?TEMP(?:ORARY)?\b",
    re.IGNORECASE | re.DOTALL,
)
STAYS_WITHIN = re.compile(r"\bset_config\s*\(|\bpg_(?:try_)?advisory_lock", re.IGNORECASE)
# The third argument of set_config(), which limits it to the transaction.
IS_LOCAL = re.compile(r",\s*true\s*\)", re.IGNORECASE)


@lru_cache(maxsize=1024)
def is_write(statement: str) -> bool:
    """Return whether a statement may change rows, judged by its keywords.

    A statement with an unknown first keyword counts as a write. A function that writes and is
    called by a SELECT is not detected here; the database rejects it on the reading engine.
    """
    return any(
        not READS.match(part) or (part[:4].upper() == "WITH" and CHANGES_WITHIN.search(part))
        for part in split_statements(statement)
    )


@lru_cache(maxsize=1024)
def ends_transaction(statement: str) -> bool:
    """Return whether a statement commits or rolls back, other than to a savepoint."""
    return any(map(ENDS.match, split_statements(statement)))


@lru_cache(maxsize=1024)
def stays_with_connection(statement: str) -> bool:
    """Return whether a statement leaves state on the connection that outlives the transaction.

    A setting, an advisory lock, a cursor, a temporary table.
    """
    return any(
        STAYS.match(part) or len(STAYS_WITHIN.findall(part)) > len(IS_LOCAL.findall(part))
        for part in split_statements(statement)
    )


def split_statements(statement: str) -> list[str]:
    """Return the statements in one text, from their first keyword on, without quoted text."""
    bare = (LEADING.sub("", part, count=1) for part in QUOTED.sub(" ", statement).split(";"))
    return [part for part in bare if part]
