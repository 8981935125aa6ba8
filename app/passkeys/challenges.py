"""The challenges that passkeys sign: valid once, for minutes, in the browser that received them.

A challenge is a signed value with its purpose, its browser and its expiry. So issuing one writes
nothing, and several tabs can each have one. Using it writes a row, which a second use finds, also
with copied cookies and at the same time.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from itsdangerous import BadData

from app.clock import now
from app.crypto.signing import signer
from app.crypto.tokens import digest, make_token
from app.database import db
from app.expiring import get, put
from app.passkeys.models import UsedChallenge
from app.sessions.current import current_login
from app.unit_of_work.batches import delete_in_batches

# Enough time to get a phone or a security key (WebAuthn Level 3, 15.1).
LIFETIME = timedelta(minutes=5)
SIGNER = "passkey challenge"
BROWSER = "passkey_browser"


class ChallengeRefused(ValueError):
    """The challenge is forged, expired, used, of another browser or for another purpose."""


def purpose_for_this_login(purpose: str) -> str:
    """Return a purpose that only the login of this request has.

    The challenge is void once that login has ended, or has changed a credential (S12).
    """
    login = current_login()
    return f"{purpose} in {login.fingerprint if login else None}"


def make_challenge(purpose: str, payload: str = "") -> bytes:
    """Return a challenge for this browser; read_challenge() returns the `payload`."""
    browser = get(BROWSER) or make_token()
    put(BROWSER, browser, LIFETIME)
    until = int((now() + LIFETIME).timestamp())
    signed: str = signer(SIGNER).dumps(
        [purpose, payload, digest(browser).hex(), until, make_token()]
    )
    return signed.encode()


def read_challenge(challenge: bytes, purpose: str) -> str:
    """Return the payload of the challenge. Raises ChallengeRefused."""
    payload, _ = _read(challenge, purpose)
    used = db.session.get(UsedChallenge, digest(challenge.decode()))
    if used is not None:
        raise ChallengeRefused("the challenge was used already")
    return payload


def mark_challenge_used(challenge: bytes, purpose: str) -> None:
    """Mark the challenge as used. Of two concurrent uses, the database refuses one."""
    _, until = _read(challenge, purpose)
    db.session.add(UsedChallenge(digest=digest(challenge.decode()), expires_at=until))


def prune_challenges() -> int:
    """Delete the challenges that have expired; return how many."""
    return delete_in_batches(UsedChallenge, UsedChallenge.expires_at <= now())


def _read(challenge: bytes, purpose: str) -> tuple[str, datetime]:
    try:
        issued_for, payload, browser, until, _ = _load(challenge)
    except (BadData, ValueError) as error:
        raise ChallengeRefused("the challenge is forged") from error
    if issued_for != purpose:
        raise ChallengeRefused("the challenge is for another purpose")
    if browser != digest(get(BROWSER) or "").hex():
        raise ChallengeRefused("the challenge is of another browser")
    if now().timestamp() >= until:
        raise ChallengeRefused("the challenge has expired")
    return payload, datetime.fromtimestamp(until, UTC)


def _load(challenge: bytes) -> Any:
    return signer(SIGNER).loads(challenge.decode("ascii"))
