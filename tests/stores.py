"""Make an application store sessions in cookies and counters in the database.

Some tests depend on these stores, also if the suite runs with another one.
"""

from app.application import Application
from app.sessions.store import SignedCookies
from app.web.rate_limits import counters


def with_signed_cookies(app: Application) -> Application:
    """Keep the cookie session in the cookie itself."""
    app.session_interface = SignedCookies()
    return app


def counting_in_database(app: Application) -> Application:
    """Count rate limits in the database, where they follow the clock of the tests."""
    counters.items(app).clear()
    return app
