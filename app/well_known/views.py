"""robots.txt, favicon.ico, security.txt and change-password: URLs that programs request."""

from datetime import timedelta

from flask import Blueprint, Response, current_app, redirect, url_for
from flask.typing import ResponseReturnValue

from app.clock import now
from app.sessions.guards import public

# Pages behind mailed links must not be indexed; the sign-in page may, since users search for it.
ROBOTS = """User-agent: *
Disallow: /confirm/
Disallow: /reset/
"""
CACHE_FOR_A_DAY = "public, max-age=86400"
# RFC 9116, 2.5.5, recommends less than a year, so that outdated contacts are not used.
SECURITY_TXT_LIFETIME = timedelta(days=180)

blueprint = Blueprint("well_known", __name__)


@blueprint.get("/robots.txt")
@public
def robots() -> Response:
    return text_response(ROBOTS)


@blueprint.get("/favicon.ico")
@public
def favicon() -> ResponseReturnValue:
    response = redirect(url_for("static", filename="favicon.svg"), 302)
    response.headers["Cache-Control"] = CACHE_FOR_A_DAY
    return response


@blueprint.get("/.well-known/security.txt")
@public
def security() -> Response:
    """Return the contact for reporting vulnerabilities (RFC 9116)."""
    base_url = current_app.config["BASE_URL"]
    expires = (now() + SECURITY_TXT_LIFETIME).replace(microsecond=0)
    return text_response(
        f"Contact: {current_app.config['SECURITY_CONTACT'] or base_url}\n"
        f"Expires: {expires.isoformat()}\n"
        f"Canonical: {base_url}/.well-known/security.txt\n"
    )


@blueprint.get("/.well-known/change-password")
@public
def change_password() -> ResponseReturnValue:
    """Redirect password managers (W3C, A Well-Known URL for Changing Passwords)."""
    return redirect("/account/password", 302)


def text_response(lines: str) -> Response:
    return Response(lines, mimetype="text/plain", headers={"Cache-Control": CACHE_FOR_A_DAY})
