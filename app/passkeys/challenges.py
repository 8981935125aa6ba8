"""What a passkey is asked to sign: once, within minutes, by the browser that was asked.

A challenge is a signed note of what it is for, to which browser it was given and until when. So
asking writes nothing, and tabs side by side do not take each other's away. Answering writes a row:
a second answer to the same challenge finds it, also from a copy of the cookies, also at once.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from itsdangerous import BadData

from app.clock import now
from app.crypto.signing import signer
from app.crypto.tokens import digest, make_token
from app.database import db
from app.expiring import get, put
from app.passkeys.models import SpentChallenge
from app.sessions.current import current_login
from app.unit_of_work.batches import delete_in_batches

# Long enough to fetch a phone or a security key from the next room (WebAuthn Level 3, 15.1).
LIFETIME = timedelta(minutes=5)
PURPOSE = "passkey challenge"
BROWSER = "passkey_browser"


class ChallengeRefused(ValueError):
    """The challenge is not ours, of another browser, for something else, too old or used."""


def for_this_login(what_for: str) -> str:
    """Return what a challenge is for that only the login of this request may answer.

    It is void once that login has ended, or has changed a credential (S12).
    """
    login = current_login()
    return f"{what_for} in {login.mark if login else None}"


def make_challenge(what_for: str, note: str = "") -> bytes:
    """Return a challenge for this browser; `note` comes back with the answer."""
    browser = get(BROWSER) or make_token()
    put(BROWSER, browser, LIFETIME)
    until = int((now() + LIFETIME).timestamp())
    signed: str = signer(PURPOSE).dumps(
        [what_for, note, digest(browser).hex(), until, make_token()]
    )
    return signed.encode()


def read_challenge(challenge: bytes, what_for: str) -> str:
    """Return the note that make_challenge() was given. Raises ChallengeRefused."""
    note, _ = _read(challenge, what_for)
    spent = db.session.get(SpentChallenge, digest(challenge.decode()))
    if spent is not None:
        raise ChallengeRefused("it was used already")
    return note


def spend_challenge(challenge: bytes, what_for: str) -> None:
    """Use it up, in the unit of what it was used for. Of two at once, the database refuses one."""
    _, until = _read(challenge, what_for)
    db.session.add(SpentChallenge(digest=digest(challenge.decode()), expires_at=until))


def prune_challenges() -> int:
    """Forget the challenges that are too old to be used anyway; return how many."""
    return delete_in_batches(SpentChallenge, SpentChallenge.expires_at <= now())


def _read(challenge: bytes, what_for: str) -> tuple[str, datetime]:
    try:
        asked_for, note, browser, until, _ = _load(challenge)
    except (BadData, ValueError) as error:
        raise ChallengeRefused("it is none of ours") from error
    if asked_for != what_for:
        raise ChallengeRefused("it was given for something else")
    if browser != digest(get(BROWSER) or "").hex():
        raise ChallengeRefused("it was given to another browser")
    if now().timestamp() >= until:
        raise ChallengeRefused("it is too old")
    return note, datetime.fromtimestamp(until, UTC)


def _load(challenge: bytes) -> Any:
    return signer(PURPOSE).loads(challenge.decode("ascii"))
