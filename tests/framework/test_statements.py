"""The classification of SQL statements by their keywords."""

import pytest

from app.database.statements import ends_transaction, is_write, stays_with_connection

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
    "SELECT 1; SELECT 2;",
    "SELECT '; DELETE FROM users'",
    "SELECT $$; DELETE FROM users$$, $a_b$; DROP TABLE $$ users$a_b$",
    "SELECT E'it\\'s; DELETE FROM users'",
    'SELECT 1 AS "; DELETE FROM users"',
    "SELECT 1 -- ; DELETE FROM users",
    "SELECT /* ; DELETE FROM users */ 1",
    "",
    ";",
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
    "SELECT 1; DELETE FROM users",
    "SELECT 'a'';'; DELETE FROM users",
    "SELECT E'\\''; DELETE FROM users; --'",
    "SELECT 1; -- and\n (DELETE FROM users)",
]
ENDS = [
    "COMMIT",
    "commit",
    "END",
    "ROLLBACK",
    "ROLLBACK WORK",
    "ABORT",
    "-- now\nCOMMIT",
    "SELECT 1; COMMIT",
    "SELECT 1;\n/* now */ commit; BEGIN",
    "ROLLBACK; SELECT 1 AS to",
    "SELECT $$a$$; COMMIT",
]
GOES_ON = [
    "ROLLBACK TO SAVEPOINT a",
    "ROLLBACK\nTO SAVEPOINT a",
    "ROLLBACK TRANSACTION TO a",
    "SELECT 'COMMIT'",
    "SELECT '; COMMIT'",
    "BEGIN",
]
STAYS = [
    "SET statement_timeout = 0",
    "set session time zone 'UTC'",
    "SELECT 1; SET ROLE staff",
    "RESET ALL",
    "SELECT set_config('a.b', %(user)s, false)",
    "SELECT set_config('a.b', 'c, true)', %(local)s)",
    "SELECT pg_advisory_lock(1)",
    "SELECT pg_try_advisory_lock_shared(1)",
    "DECLARE rows CURSOR WITH HOLD FOR SELECT 1",
    "LISTEN people",
    "PREPARE one AS SELECT 1",
    "CREATE TEMP TABLE kept (id integer)",
    "CREATE LOCAL TEMPORARY TABLE kept (id integer)",
    "PRAGMA query_only = OFF",
    "PRAGMA query_only(0)",
    "ATTACH 'other.sqlite3' AS other",
]
ENDS_WITH_TRANSACTION = [
    "SET LOCAL lock_timeout = '1s'",
    "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
    "SET CONSTRAINTS ALL DEFERRED",
    "SELECT set_config('a.b', %(user)s, true)",
    "SELECT pg_advisory_xact_lock(1)",
    "SELECT 'SET ROLE staff'",
    "UPDATE users SET display_name = ''",
    "PRAGMA foreign_keys",
    "PREPARE TRANSACTION 'a'",
    "CREATE TABLE temporary (id integer)",
]


@pytest.mark.parametrize("statement", READS)
def test_a_reading_statement_is_recognized(statement: str) -> None:
    assert not is_write(statement)


@pytest.mark.parametrize("statement", WRITES)
def test_a_writing_statement_is_recognized(statement: str) -> None:
    assert is_write(statement)


@pytest.mark.parametrize("statement", ENDS)
def test_a_statement_that_ends_the_transaction_is_recognized(statement: str) -> None:
    assert ends_transaction(statement)


@pytest.mark.parametrize("statement", [*GOES_ON, *READS, *WRITES])
def test_other_statements_do_not_end_the_transaction(statement: str) -> None:
    assert not ends_transaction(statement)


@pytest.mark.parametrize("statement", STAYS)
def test_a_statement_that_changes_the_connection_is_recognized(statement: str) -> None:
    assert stays_with_connection(statement)


@pytest.mark.parametrize("statement", ENDS_WITH_TRANSACTION)
def test_other_statements_do_not_change_the_connection(statement: str) -> None:
    assert not stays_with_connection(statement)
