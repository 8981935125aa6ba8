"""Recovery codes on their way to the page that shows them: once, and to their person alone."""

from datetime import timedelta

from app import expiring
from app.two_factor.sealed import get_sealed, put_sealed

CODES = "recovery_codes"
# From the answer that made them to the page that shows them.
ON_THE_WAY = timedelta(minutes=2)


def show_once(codes: list[str]) -> None:
    """Have the page of recovery codes show these when it is opened next.

    They travel sealed in the cookie session, so that nothing keeps them but as digests.
    """
    put_sealed(CODES, " ".join(codes).encode(), ON_THE_WAY)


def take_shown_once() -> list[str]:
    """Return the codes that wait to be shown, and forget them."""
    codes = get_sealed(CODES)
    expiring.pop(CODES)
    return codes.decode().split() if codes else []
