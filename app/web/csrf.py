"""CSRF protection by Flask-WTF, and forms whose token has expired (ASVS 5.0 3.5.1)."""

from flask import request
from flask_wtf.csrf import CSRFError, CSRFProtect

from app.application import Application
from app.crypto.signing import signing_keys
from app.request_globals import g
from app.unit_of_work import make_read_only, rolled_back
from app.web.errors import wants_json


class Protection(CSRFProtect):
    def protect(self, apply_exemptions: bool = False) -> None:
        """Reject a form without a valid token.

        A form of our own pages whose token has expired is not rejected: the request becomes
        read-only, and the form is returned as it was filled in (app/web/saved_form.py). Raises
        CSRFError, a 400, for others: the input of another site is not shown as the user's own.
        """
        if request.method == "GET":
            return  # Flask-WTF would look for exemptions first.
        try:
            super().protect(apply_exemptions)
        except CSRFError:
            if not is_from_own_page() or wants_json():
                raise
            g.expired_form = request.form
            make_read_only()


csrf = Protection()


def init_app(app: Application) -> None:
    # A token is valid as long as its session, so that a form left open over lunch still works.
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    # A list, newest last: Flask-WTF ignores SECRET_KEY_FALLBACKS.
    app.config["WTF_CSRF_SECRET_KEY"] = signing_keys(app)
    csrf.init_app(app)
    rolled_back.connect(lambda app: forget_csrf_token(), app, weak=False)


def is_from_own_page() -> bool:
    """Return whether the form was sent from a page of this site (Fetch Metadata; RFC 6454, 7).

    Forms of this site always contain a token, and browsers send the origin. A client that sends no
    origin is not a browser that another site could abuse.
    """
    if request.method != "POST" or not any(name.endswith("csrf_token") for name in request.form):
        return False
    if request.is_secure and not request.referrer:
        return False  # Flask-WTF requires it, so a new token would be rejected again.
    origins = [url for url in (request.headers.get("Origin"), request.referrer) if url]
    is_same_origin = all(
        f"{url}/".partition("://")[2].startswith(f"{request.host}/") for url in origins
    )
    return is_same_origin and request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"


def forget_csrf_token() -> None:
    """Create the next token for the session as it is now: Flask-WTF caches it on `g`."""
    vars(g._get_current_object()).pop("csrf_token", None)
