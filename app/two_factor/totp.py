"""One-time codes: HOTP (RFC 4226) of the time (RFC 6238), as every authenticator computes them.

Ten lines over `hmac`, held by the test vectors of both RFCs, are easier to trust than a package
that would still leave drift, replay and races to us.
"""

import hmac
import secrets
from base64 import b32encode
from urllib.parse import quote, urlencode

from app.clock import now

# RFC 4226, 4 (R6): 160 bits are what it recommends; also the length of one SHA-1.
SECRET_BYTES = 20
DIGITS = 6
STEP_SECONDS = 30
# How many steps a phone's clock may be off, to either side (RFC 6238, 5.2 and 6).
DRIFT = 1


def make_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def code_of(secret: bytes, step: int, *, digits: int = DIGITS) -> str:
    """Return the code of one step (RFC 4226, 5.3)."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = mac[-1] & 0xF
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def current_step() -> int:
    """Return the number of the half minute it is (RFC 6238, 4.2)."""
    return int(now().timestamp()) // STEP_SECONDS


def find_step(secret: bytes, code: str) -> int | None:
    """Return the step whose code this is, if it is near enough to now, else None.

    Every step is computed whatever fits, so that the time tells nothing.
    """
    here = current_step()
    near = range(here - DRIFT, here + DRIFT + 1)
    given = code.encode()
    fits = [step for step in near if hmac.compare_digest(code_of(secret, step).encode(), given)]
    return fits[0] if fits else None


def in_words(secret: bytes) -> str:
    """Return the secret as people type it into an authenticator: base32, in groups of four."""
    text = b32encode(secret).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def provisioning_uri(secret: bytes, *, site: str, email: str) -> str:
    """Return what the QR code says: the `otpauth` address that authenticators read.

    Algorithm, digits and period are the ones each of them takes for granted, and some refuse to
    be told.
    """
    label = quote(f"{site}:{email}", safe=":@")
    query = urlencode({"secret": b32encode(secret).decode(), "issuer": site}, quote_via=quote)
    return f"otpauth://totp/{label}?{query}"
