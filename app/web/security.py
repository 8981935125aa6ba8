"""What every response says to the browser about safety, and the token every form carries."""

import secrets

from flask import Flask, Response, g, request, request_finished
from flask_wtf.csrf import CSRFError, CSRFProtect

from app.application import Application
from app.crypto.signing import csrf_token, signing_keys
from app.unit_of_work import rolled_back
from app.unit_of_work import make_read_only
from app.web.errors import wants_json

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
WANTED = [
    *((name, name.lower(), value) for name, value in HEADERS.items()),
    # A page speaks to one person; without this a shared cache may keep it for others.
    ("Cache-Control", "cache-control", "private, no-cache"),
]
NEVER_STORED = ("Cache-Control", "cache-control", "no-store")
# A year, and every name below this one (ASVS 5.0 3.4.1, level 2).
STRICT_TRANSPORT = (
    "Strict-Transport-Security",
    "strict-transport-security",
    "max-age=31536000; includeSubDomains",
)


class Protection(CSRFProtect):
    def protect(self, apply_exemptions: bool = False) -> None:
        """Refuse a form without a token that holds; one of our own pages is only late.

        That one may look and do nothing, and is given back as it was typed (app.web.saved_form).
        Raises CSRFError, a 400, for others: what strangers typed is not shown as somebody's own.
        """
        try:
            super().protect(apply_exemptions)
        except CSRFError:
            if not is_of_our_pages() or wants_json():
                raise
            g.late_form = request.form
            make_read_only()


csrf = Protection()


def init_app(app: Application) -> None:
    # A token is as old as the session it belongs to; a form left open over lunch still works.
    app.config["WTF_CSRF_TIME_LIMIT"] = None
    # A list, newest last: what a former key signed is still read.
    app.config["WTF_CSRF_SECRET_KEY"] = signing_keys(app)
    csrf.init_app(app)
    app.add_template_global(csp_nonce)
    # In place of Flask-WTF's own, in pages and in the macros they import.
    app.add_template_global(csrf_token)
    app.context_processor(lambda: {"csrf_token": csrf_token})
    request_finished.connect(add_headers, app)
    rolled_back.connect(lambda app: forget_csrf_token(), app, weak=False)


def is_of_our_pages() -> bool:
    """Return whether the form was sent from a page of this site (Fetch Metadata; RFC 6454, 7).

    Ours always carry a token. A browser says where a form comes from, in one header or the other;
    where there is none, nobody sits before a browser whom a stranger's page could deceive.
    """
    if request.method != "POST" or not any(name.endswith("csrf_token") for name in request.form):
        return False
    if request.is_secure and not request.referrer:
        return False  # no token makes up for it, so that the form would come back for ever
    named = [url for url in (request.headers.get("Origin"), request.referrer) if url]
    is_from_here = all(
        f"{url}/".partition("://")[2].startswith(f"{request.host}/") for url in named
    )
    return is_from_here and request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"


def csp_nonce() -> str:
    """Return this response's nonce, for a <script> or <style> that must stand in the page itself.

    The policy names it only where a page has asked for it; such a page is never to be cached.
    """
    nonce: str = g.setdefault("csp_nonce", secrets.token_urlsafe(16))
    return nonce


def add_headers(app: Flask, response: Response, **rest: object) -> None:
    """Add them at the very end, to whatever the answer has become."""
    present = {name.lower() for name, _ in response.headers}
    # add(), because setdefault() and [] look through all headers again for each of ours.
    for name, lower, value in wanted_headers():
        if lower not in present:
            response.headers.add(name, value)


def wanted_headers() -> list[tuple[str, str, str]]:
    """Return (name, name in lower case, value) of what this response is to say."""
    headers = WANTED
    if "token" in (request.view_args or {}):
        # The address is the key to what a mailed link opens.
        headers = [*WANTED[:-1], NEVER_STORED]
    if "csp_nonce" in g:
        own = f"'self' 'nonce-{g.csp_nonce}'"
        policy = f"{POLICY}; script-src {own}; style-src {own}"
        headers = [("Content-Security-Policy", "content-security-policy", policy), *headers[1:]]
    return [*headers, STRICT_TRANSPORT] if request.is_secure else headers


def forget_csrf_token() -> None:
    """Let the next form carry a token of the session as it is now, not as it was before."""
    g.pop("csrf_token", None)
