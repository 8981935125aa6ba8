"""What a statement is made to do, judged by its words."""

import pytest

from app.statements import ends_transaction, writes

READS = [
    "SELECT 1",
    "select * from users",
    "  \n SELECT 1",
    "-- of people\nSELECT 1",
    "/* of people */ SELECT 1",
    "(SELECT 1) UNION (SELECT 2)",
    "SELECT * FROM users FOR UPDATE",
    "VALUES (1)",
    "SHOW lock_timeout",
    "SET LOCAL lock_timeout = '1s'",
    "PRAGMA foreign_keys",
    "EXPLAIN SELECT 1",
    "SAVEPOINT sa_savepoint_1",
    "RELEASE SAVEPOINT sa_savepoint_1",
    "ROLLBACK TO SAVEPOINT sa_savepoint_1",
    "BEGIN IMMEDIATE",
    "WITH people AS (SELECT 1) SELECT * FROM people",
    "WITH people AS (SELECT 1) SELECT * FROM people FOR UPDATE",
    "WITH people AS (SELECT 1) SELECT * FROM people FOR NO KEY UPDATE",
    "WITH people AS (SELECT updated_at FROM users) SELECT * FROM people",
    "WITH words AS (SELECT 'insert into the box') SELECT * FROM words",
    'WITH words AS (SELECT 1 AS "delete from") SELECT * FROM words',
    "",
    "-- nothing",
]
WRITES = [
    "INSERT INTO users DEFAULT VALUES",
    "insert into users default values",
    "UPDATE users SET display_name = ''",
    "DELETE FROM users",
    "MERGE INTO users USING people ON true WHEN MATCHED THEN DELETE",
    "REPLACE INTO users VALUES (1)",
    "TRUNCATE users",
    "CREATE TABLE people (id integer)",
    "DROP TABLE users",
    "COMMENT ON TABLE users IS 'people'",
    "NOTIFY people",
    "DO $$ BEGIN END $$",
    "CALL prune()",
    "-- SELECT\nDELETE FROM users",
    "/* SELECT */ DELETE FROM users",
    "WITH gone AS (DELETE FROM users RETURNING id) SELECT * FROM gone",
    "WITH people AS (SELECT 1) INSERT INTO users SELECT * FROM people",
    "WITH people AS (SELECT 1)\nINSERT\nINTO users SELECT * FROM people",
    "WITH people AS (SELECT 1) UPDATE users AS u SET id = 1",
    "WITH people AS (SELECT 1) UPDATE ONLY users SET id = 1",
    "WITH RECURSIVE people AS (SELECT 1) DELETE FROM users",
    "SELECTED",
]
ENDS = ["COMMIT", "commit", "END", "ROLLBACK", "ROLLBACK WORK", "ABORT", "-- now\nCOMMIT"]
GOES_ON = ["ROLLBACK TO SAVEPOINT a", "ROLLBACK TRANSACTION TO a", "SELECT 'COMMIT'", "BEGIN"]


@pytest.mark.parametrize("statement", READS)
def test_it_reads(statement: str) -> None:
    assert not writes(statement)


@pytest.mark.parametrize("statement", WRITES)
def test_it_writes(statement: str) -> None:
    assert writes(statement)


@pytest.mark.parametrize("statement", ENDS)
def test_it_ends_the_transaction(statement: str) -> None:
    assert ends_transaction(statement)


@pytest.mark.parametrize("statement", [*GOES_ON, *READS, *WRITES])
def test_it_leaves_the_transaction_open(statement: str) -> None:
    assert not ends_transaction(statement)
