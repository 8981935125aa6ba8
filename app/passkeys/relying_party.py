"""The relying party of all passkeys: this site, under the host name in BASE_URL.

The Host header is never used: a client that chooses the name could replay responses made for
other sites (WebAuthn Level 3, 13.4.9; NIST SP 800-63B-4, 3.2.5.2).
"""

from collections.abc import Iterator
from functools import lru_cache
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import current_app

from app.lazy_modules import lazy_module

if TYPE_CHECKING:
    import webauthn as webauthn
    import webauthn.helpers.structs
else:
    # Loaded when the first passkey is created or used: it is a tenth of the startup.
    webauthn = lazy_module("webauthn")

STANDARD_PORTS = {"https": 443, "http": 80}


def origin() -> str:
    """Return the origin of this site as browsers serialize it (RFC 6454, 6.2)."""
    site = urlsplit(current_app.config["BASE_URL"])
    is_standard = site.port in {None, STANDARD_PORTS[site.scheme]}
    return f"{site.scheme}://{rp_id()}" + ("" if is_standard else f":{site.port}")


def rp_id() -> str:
    """Return the host name to which passkeys of this site are bound."""
    return urlsplit(current_app.config["BASE_URL"]).hostname or ""


def has_host_name() -> bool:
    """Return whether passkeys work here; browsers refuse IP addresses such as 127.0.0.1."""
    return not is_ip_address(rp_id())


# Cached: each sign-in page checks the same host, which takes a fiftieth of the page.
@lru_cache(maxsize=16)
def is_ip_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def warn_without_host_name() -> Iterator[str]:
    """Yield for `flask doctor` why browsers refuse passkeys here, if they do."""
    if not has_host_name():
        yield (
            f"BASE_URL is the IP address {rp_id()}: passkeys need a host name, so none are "
            "offered."
        )
    elif not rp_id().isascii():
        yield (
            f"BASE_URL contains {rp_id()}: browsers refuse passkeys until it is written in ASCII, "
            "beginning with `xn--`."
        )
