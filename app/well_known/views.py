"""Addresses that programs look for without being told."""

from datetime import timedelta

from flask import Blueprint, Response, current_app, redirect, url_for
from flask.typing import ResponseReturnValue

from app.clock import now
from app.sessions.guards import public

# What a mailed link opens is no page to be found; the sign-in is one that people search for.
ROBOTS = """User-agent: *
Disallow: /confirm/
Disallow: /reset/
"""
A_DAY = "public, max-age=86400"
# RFC 9116, 2.5.5, recommends less than a year, so that a stale contact is noticed.
SECURITY_TXT_LIFETIME = timedelta(days=180)

blueprint = Blueprint("well_known", __name__)


@blueprint.get("/robots.txt")
@public
def robots() -> Response:
    return text(ROBOTS)


@blueprint.get("/favicon.ico")
@public
def favicon() -> ResponseReturnValue:
    response = redirect(url_for("static", filename="favicon.svg"), 302)
    response.headers["Cache-Control"] = A_DAY
    return response


@blueprint.get("/.well-known/security.txt")
@public
def security() -> Response:
    """Say where to report a weakness (RFC 9116)."""
    base_url = current_app.config["BASE_URL"]
    expires = (now() + SECURITY_TXT_LIFETIME).replace(microsecond=0)
    return text(
        f"Contact: {current_app.config['SECURITY_CONTACT'] or base_url}\n"
        f"Expires: {expires.isoformat()}\n"
        f"Canonical: {base_url}/.well-known/security.txt\n"
    )


@blueprint.get("/.well-known/change-password")
@public
def change_password() -> ResponseReturnValue:
    """Lead password managers to the page (W3C, A Well-Known URL for Changing Passwords)."""
    return redirect("/account/password", 302)


def text(lines: str) -> Response:
    return Response(lines, mimetype="text/plain", headers={"Cache-Control": A_DAY})
