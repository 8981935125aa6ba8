"""The headers of every response: security (OWASP Secure Headers), caching and the request id."""

import secrets
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import request

from app.application import Application
from app.request_globals import g

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

POLICY = "; ".join(
    [
        "default-src 'self'",
        # Bootstrap's style sheet contains its icons as data: images.
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
# (name, name in lower case, value)
POLICY_HEADER = ("Content-Security-Policy", "content-security-policy", POLICY)
FIXED = [
    ("X-Content-Type-Options", "x-content-type-options", "nosniff"),
    # A link that contains a token must not reach other sites. Our own forms need the origin.
    ("Referrer-Policy", "referrer-policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "cross-origin-opener-policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "cross-origin-resource-policy", "same-origin"),
    ("Permissions-Policy", "permissions-policy", "camera=(), geolocation=(), microphone=()"),
]
# Pages depend on the user. Without this, a shared cache may store one for others.
PRIVATE = ("Cache-Control", "cache-control", "private, no-cache")
NEVER_STORED = ("Cache-Control", "cache-control", "no-store")
# One year, including subdomains (ASVS 5.0 3.4.1, level 2).
STRICT_TRANSPORT = (
    "Strict-Transport-Security",
    "strict-transport-security",
    "max-age=31536000; includeSubDomains",
)
ORDINARY = [POLICY_HEADER, *FIXED, PRIVATE]


def init_app(app: Application) -> None:
    app.add_template_global(csp_nonce)
    app.wsgi_app = add_headers(app.wsgi_app)  # type: ignore[method-assign, assignment]  # documented by Flask


def csp_nonce() -> str:
    """Return the nonce of this response, for an inline <script> or <style>.

    The policy contains a nonce only if the page uses this. Such a page must not be cached.
    """
    if g.csp_nonce is None:
        g.csp_nonce = secrets.token_urlsafe(16)
    return g.csp_nonce


def add_headers(serve: "WSGIApplication") -> "WSGIApplication":
    """Add the headers when the response starts, and is final.

    Werkzeug would check, copy and search each of them again.
    """

    def serve_with_headers(
        environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        def start(
            status: str, headers: list[tuple[str, str]], *error: Any
        ) -> Callable[[bytes], object]:
            return start_response(status, complete_headers(headers), *error)

        return serve(environ, start)

    return serve_with_headers


def complete_headers(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the headers of the response to this request, with those that it does not set."""
    names = g.itself
    present = {name.lower() for name, _ in headers}
    defaults = default_headers(names.csp_nonce)
    added = [(name, value) for name, lower, value in defaults if lower not in present]
    if names.vary_on:
        headers = add_vary(headers, names.vary_on)  # RFC 9110, 12.5.5
    return [*headers, *added, ("X-Request-ID", names.request_id or "")]


def add_vary(headers: list[tuple[str, str]], added: tuple[str, ...]) -> list[tuple[str, str]]:
    """Add names to the header Vary, or add the header."""
    names = [value for header, value in headers if header == "Vary"]
    others = [it for it in headers if it[0] != "Vary"]
    return [*others, ("Vary", ", ".join([*names, *added]))]


def default_headers(nonce: str | None) -> list[tuple[str, str, str]]:
    headers = ORDINARY
    if "token" in (request.view_args or {}):
        # The URL itself gives access.
        headers = [POLICY_HEADER, *FIXED, NEVER_STORED]
    if nonce is not None:
        own = f"'self' 'nonce-{nonce}'"
        policy = f"{POLICY}; script-src {own}; style-src {own}"
        headers = [("Content-Security-Policy", "content-security-policy", policy), *headers[1:]]
    return [*headers, STRICT_TRANSPORT] if request.is_secure else headers
