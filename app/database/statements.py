"""Tell statements that only read from those that change something or end the transaction."""

import re
from functools import lru_cache

# What holds no words of SQL: comments, texts, names, and bodies of functions.
QUOTED = re.compile(
    r"""--[^\n]*|/\*.*?\*/|\b[eE]'(?:[^'\\]|\\.)*'|'[^']*'|"[^"]*"|\$((?:[a-zA-Z_]\w*)?)\$.*?\$\1\$""",
    re.DOTALL,
)
# Brackets that may stand before the first word.
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
# What outlives a transaction and stays with the connection. PRAGMA sets by = or by brackets.
STAYS = re.compile(
    r"SET\b(?!\s+(?:LOCAL|TRANSACTION|CONSTRAINTS)\b)|(?:RESET|DECLARE|DISCARD|LISTEN|LOAD|ATTACH)\b"
    r"|PREPARE\b(?!\s+TRANSACTION\b)|PRAGMA\b.*[=(]"
    r"|CREATE\s+(?:(?:LOCAL|GLOBAL|OR\s+REPLACE)\s+)?TEMP(?:ORARY)?\b",
    re.IGNORECASE | re.DOTALL,
)
STAYS_WITHIN = re.compile(r"\bset_config\s*\(|\bpg_(?:try_)?advisory_lock", re.IGNORECASE)
# The third argument of set_config(), by which it ends with the transaction.
IS_LOCAL = re.compile(r",\s*true\s*\)", re.IGNORECASE)


@lru_cache(maxsize=1024)
def is_write(statement: str) -> bool:
    """Return whether a statement may change something, judged by its words.

    One whose first word is not known to read counts as a change: rather a refusal too many than a
    change that nobody noticed. What hides in a function that a SELECT calls is not seen here; on
    the reading engine the database itself refuses that.
    """
    return any(
        not READS.match(part) or (part[:4].upper() == "WITH" and CHANGES_WITHIN.search(part))
        for part in parts(statement)
    )


@lru_cache(maxsize=1024)
def ends_transaction(statement: str) -> bool:
    """Return whether a statement commits or rolls back; going back to a savepoint does neither."""
    return any(map(ENDS.match, parts(statement)))


@lru_cache(maxsize=1024)
def stays_with_connection(statement: str) -> bool:
    """Return whether a statement leaves something that the next user of a connection would find.

    A setting, a lock of the session, a cursor, a temporary table.
    """
    return any(
        STAYS.match(part) or len(STAYS_WITHIN.findall(part)) > len(IS_LOCAL.findall(part))
        for part in parts(statement)
    )


def parts(statement: str) -> list[str]:
    """Return the statements that stand in one text, each from its first word, without quotes."""
    bare = (LEADING.sub("", part, count=1) for part in QUOTED.sub(" ", statement).split(";"))
    return [part for part in bare if part]
