"""The rows that the metrics count."""

from app.application import Application
from app.monitoring.rows import RowCollector
from tests.databases import on_postgresql
from tests.query_plans import Statements, scans
from tests.query_plans import statements as statements

pytestmark = on_postgresql


def test_counting_finds_its_rows_by_an_index(
    app: Application, statements: Statements, database_url: str
) -> None:
    with app.app_context():
        list(RowCollector().collect())
    assert len(statements) == 2
    assert not scans(database_url, statements)
