"""Send the same form several times at the same moment, and count the rows that result."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import func, select

from app.application import Application
from app.database import Model, db
from tests.client import Client
from tests.conftest import visitor

# Throttling counts each attempt on purpose.
NOT_COUNTED = {"login_attempts"}


def send_at_once(browsers: list[Client], path: str, filled: dict[str, str]) -> None:
    ready = Barrier(len(browsers))

    def send(browser: Client) -> int:
        ready.wait()
        return browser.post(path, data=filled).status_code

    with ThreadPoolExecutor(len(browsers)) as threads:
        statuses = sorted(threads.map(send, browsers))
    assert statuses[0] in {200, 303}
    assert statuses[-1] < 500, statuses


def copy(browser: Client) -> Client:
    """Return a client with the same cookies, for another thread."""
    other = visitor(browser.application)  # type: ignore[arg-type]  # it is an Application
    for name in ("session", "remember_token", "known_device"):
        cookie = browser.get_cookie(name)
        if cookie is not None:
            other.set_cookie(name, cookie.value)
    return other


def count_rows(app: Application) -> dict[str, int]:
    """Return the number of rows in each table."""
    tables = [table for table in Model.metadata.sorted_tables if table.name not in NOT_COUNTED]
    with app.app_context():
        return {
            table.name: db.session.scalar(select(func.count()).select_from(table)) or 0
            for table in tables
        }
