"""What every response says to the browser about safety, and the token every form carries."""

from itertools import chain

from flask import Flask, Response, abort, g, request, request_finished
from flask_wtf.csrf import CSRFProtect

from app.application import Application
from app.signing import signing_keys
from app.unit_of_work import rolled_back

csrf = CSRFProtect()

POLICY = "; ".join(
    [
        "default-src 'self'",
        # Bootstrap draws its small icons as data: images in the style sheet.
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Links that carry a token must not tell other sites; our own forms need the origin.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def init_app(app: Application) -> None:
    # A token is as old as the session it belongs to; a form left open over lunch still works.
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    # A list, newest last: what a former key signed is still read.
    app.config["WTF_CSRF_SECRET_KEY"] = signing_keys(app)
    app.before_request(refuse_null_characters)
    csrf.init_app(app)
    request_finished.connect(add_headers, app)
    rolled_back.connect(lambda app: forget_csrf_token(), app, weak=False)


def refuse_null_characters() -> None:
    """Answer 400 where text holds a NUL: nobody types one, and PostgreSQL cannot keep it."""
    sent = chain([request.path], *request.values.listvalues())
    if any("\0" in text for text in sent):
        abort(400)


def add_headers(app: Flask, response: Response, **rest: object) -> None:
    """Add them at the very end, to whatever the answer has become."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if "Cache-Control" not in response.headers:
        # A page speaks to one person; without this a shared cache may keep it for others.
        response.headers["Cache-Control"] = "private, no-cache"


def forget_csrf_token() -> None:
    """Let the next form carry a token of the session as it is now, not as it was before."""
    g.pop("csrf_token", None)
