"""Who asks for passkeys: this site, by the name in BASE_URL.

Never by the Host header: a passkey is bound to a name, and whoever could choose the name could
have other sites' answers accepted here (WebAuthn Level 3, 13.4.9; NIST SP 800-63B-4, 3.2.5.2).
"""

from collections.abc import Iterator
from contextlib import suppress
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import current_app

STANDARD_PORTS = {"https": 443, "http": 80}


def origin() -> str:
    """Return the site as browsers write it into what a passkey signs (RFC 6454, 6.2)."""
    site = urlsplit(current_app.config["BASE_URL"])
    is_standard = site.port in {None, STANDARD_PORTS[site.scheme]}
    return f"{site.scheme}://{rp_id()}" + ("" if is_standard else f":{site.port}")


def rp_id() -> str:
    """Return the name that passkeys of this site are bound to."""
    return urlsplit(current_app.config["BASE_URL"]).hostname or ""


def has_host_name() -> bool:
    """Return whether passkeys can work here; browsers bind none to a number such as 127.0.0.1."""
    with suppress(ValueError):
        return not ip_address(rp_id())
    return True


def warn_without_host_name() -> Iterator[str]:
    """Say for `flask doctor` why browsers will refuse passkeys here, if they will."""
    if not has_host_name():
        yield (
            f"BASE_URL names the site by a number, {rp_id()}: passkeys need a host name, so none "
            "are offered."
        )
    elif not rp_id().isascii():
        yield (
            f"BASE_URL names {rp_id()}: passkeys need its ASCII form, which begins with `xn--`, "
            "and are refused until then."
        )
