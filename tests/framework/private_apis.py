"""The private APIs of other packages that app/ uses. A test rejects every other use."""

from typing import NamedTuple


class PrivateApi(NamedTuple):
    file: str
    name: str
    package: str
    why: str
    # The failure if the API is removed, so that the cause is found quickly.
    breaks: str


PROXY = "Documented by Werkzeug, although it has an underscore: the object behind a proxy."
LOGIN = "Flask-Login has no public way to set the user of a request."

PRIVATE_APIS = [
    PrivateApi("application.py", "_get_current_object", "werkzeug", PROXY, "this_app()"),
    PrivateApi("database/tables.py", "_get_current_object", "werkzeug", PROXY, "every query"),
    PrivateApi("web/csrf.py", "_get_current_object", "werkzeug", PROXY, "signing in"),
    PrivateApi("sessions/current.py", "_login_user", "flask_login", LOGIN, "every page"),
    PrivateApi(
        "sessions/current.py", "_update_request_context_with_user", "flask_login", LOGIN, "sign-in"
    ),
    PrivateApi(
        "web/rendering/controls.py",
        "_value",
        "wtforms",
        "WTForms' own widgets use it to read the text of a field.",
        "form controls",
    ),
    PrivateApi(
        "web/rendering/controls.py",
        "_datalist",
        "wtforms",
        "Whether a field has a datalist, which WTForms then renders itself.",
        "form controls",
    ),
]
