"""One-time codes: HOTP (RFC 4226) of the time (RFC 6238), and the QR code that sets them up.

authenticators.py accepts each code only once. This needs no package: these are ten lines over
`hmac`, tested with the vectors of both RFCs. pyotp (2.12, maintained, no dependencies) would
replace them; replay protection under concurrent requests and the encryption of secrets would
remain ours.
"""

import hmac
import secrets
from base64 import b32encode
from urllib.parse import quote, urlencode

import segno
from markupsafe import Markup

from app.clock import now

# RFC 4226, 4 (R6) recommends 160 bits, the output length of SHA-1.
SECRET_BYTES = 20
DIGITS = 6
STEP_SECONDS = 30
# Steps that the clock of a device may be off, in each direction (RFC 6238, 5.2 and 6).
DRIFT = 1


def make_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def code_at(secret: bytes, step: int, *, digits: int = DIGITS) -> str:
    """Return the code of one time step (RFC 4226, 5.3)."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), "sha1")
    offset = mac[-1] & 0xF
    number = int.from_bytes(mac[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def current_step() -> int:
    """Return the number of the current time step of 30 seconds (RFC 6238, 4.2)."""
    return int(now().timestamp()) // STEP_SECONDS


def find_step(secret: bytes, code: str) -> int | None:
    """Return the step within DRIFT of now whose code this is, or None.

    All steps are computed in each case, so that the duration reveals nothing.
    """
    here = current_step()
    near = range(here - DRIFT, here + DRIFT + 1)
    given = code.encode()
    fits = [step for step in near if hmac.compare_digest(code_at(secret, step).encode(), given)]
    return fits[0] if fits else None


# --- Display of a secret -------------------------------------------------------------------------


def format_secret(secret: bytes) -> str:
    """Return the secret for typing: base32, in groups of four."""
    text = b32encode(secret).decode()
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def provisioning_uri(secret: bytes, *, site: str, email: str) -> str:
    """Return the `otpauth` URI that the QR code contains and authenticator apps read.

    Algorithm, digits and period are the defaults; some apps refuse them if they are stated.
    """
    label = quote(f"{site}:{email}", safe=":@")
    query = urlencode({"secret": b32encode(secret).decode(), "issuer": site}, quote_via=quote)
    return f"otpauth://totp/{label}?{query}"


def qr_code(text: str) -> Markup:
    """Return a QR code as inline SVG, which needs no script and no request to another host.

    It is dark on white in every theme, because many cameras read nothing else.
    """
    code = segno.make(text, error="m", micro=False)
    svg: str = code.svg_inline(border=4, dark="#000", light="#fff", svgclass="qr", omitsize=True)
    return Markup(svg)  # noqa: S704  # nosec B704  # contains only modules, not the text itself
