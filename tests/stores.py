"""Have an application store in cookies and in the database, whatever else the tests run with."""

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
