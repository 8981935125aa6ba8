"""Send forms at the same moment, and count the rows that result."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.application import Application
from app.database import Model, db
from tests.client import Client
from tests.conftest import visitor

# Throttling counts each attempt on purpose.
NOT_COUNTED = {"login_attempts"}


def at_once(*changes: Callable[[], TestResponse]) -> list[int]:
    """Send all requests at the same moment; return their statuses, lowest first."""
    ready = Barrier(len(changes))

    def send(change: Callable[[], TestResponse]) -> int:
        ready.wait()
        return change().status_code

    with ThreadPoolExecutor(len(changes)) as threads:
        return sorted(threads.map(send, changes))


def send_at_once(browsers: list[Client], path: str, filled: dict[str, str]) -> None:
    """Send the same form from all browsers. No response may be a server error."""
    statuses = at_once(*(partial(browser.post, path, data=filled) for browser in browsers))
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
