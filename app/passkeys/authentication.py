"""Verify the response of a browser that used a passkey (WebAuthn Level 3, 7.2)."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.audit.actions import Action
from app.audit.trail import record_regardless
from app.clock import now
from app.database import db
from app.passkeys.actions import PASSKEY_COPIED
from app.passkeys.challenges import ChallengeRefused, mark_challenge_used, read_challenge
from app.passkeys.models import Passkey
from app.passkeys.relying_party import origin, rp_id, webauthn
from app.users.models import User

if TYPE_CHECKING:
    from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
    from webauthn.helpers.structs import AuthenticationCredential

# Given malformed input, the library also raises what its parsers raise, of any class.
Malformed = Exception


class PasskeyRefused(ValueError):
    """The response proves nothing; the message, which is for the log, says why."""


@dataclass(frozen=True)
class ParsedResponse:
    """The response of a browser, parsed and not yet verified."""

    credential: "AuthenticationCredential"
    challenge: bytes


def use_passkey(
    response_json: str,
    purpose: str,
    user: User | None = None,
    failure: str = Action.LOGIN_FAILED,
) -> User:
    """Return the user whose passkey made this response, and update the passkey.

    `user` is the required owner, where it is known. Raises PasskeyRefused for unknown, wrong and
    disabled alike; then nothing was changed, and `failure` is recorded. The caller requests the
    commit.
    """
    owner: User | None = None
    try:
        response = parse_response(response_json)
        owner, passkey = find_owner(response.credential.raw_id)
        if owner is None or passkey is None or owner.id != (user or owner).id:
            raise PasskeyRefused("the passkey is unknown, or belongs to another user")
        read_challenge(response.challenge, purpose)
        verified = verify(response, passkey, is_user_known=user is not None)
        refuse_cloned_key(passkey, verified)
        if not owner.is_active:
            raise PasskeyRefused("the account is disabled")
    except (ChallengeRefused, PasskeyRefused) as refusal:
        tried = user or owner
        record_regardless(failure, tried.id if tried else None, factor="passkey")
        raise PasskeyRefused(str(refusal)) from refusal
    mark_challenge_used(response.challenge, purpose)
    passkey.sign_count = verified.new_sign_count
    passkey.backed_up = verified.credential_backed_up
    passkey.last_used_at = now()
    return owner


def find_owner(credential_id: bytes) -> tuple[User | None, Passkey | None]:
    """Return the owner of a passkey, locked, and the passkey as it is after locking.

    Of two concurrent responses, the second sees what the first has stored. None succeeds after
    the passkey was removed or the account was disabled.
    """
    is_this = Passkey.credential_id == credential_id
    fresh = {"populate_existing": True}
    owners = select(User).join(Passkey, Passkey.user_id == User.id).where(is_this)
    owner = db.session.scalar(owners.with_for_update(of=User), execution_options=fresh)
    return owner, db.session.scalar(select(Passkey).where(is_this), execution_options=fresh)


def parse_response(response_json: str) -> ParsedResponse:
    try:
        credential = webauthn.helpers.parse_authentication_credential_json(response_json)
    except Malformed as error:
        raise PasskeyRefused(f"the response cannot be parsed: {error}") from error
    return ParsedResponse(credential, parse_challenge(credential.response.client_data_json))


def parse_challenge(client_data: bytes) -> bytes:
    """Return the challenge that the browser received. Raises PasskeyRefused.

    Also refuses a response that was made in a frame, which no page of this site is (WebAuthn
    Level 3, 7.1 and 7.2: `crossOrigin` and `topOrigin`); the library does not check either.
    """
    try:
        challenge = webauthn.helpers.parse_client_data_json(client_data).challenge
        fields = json.loads(client_data)
    except Malformed as error:
        raise PasskeyRefused(f"the response cannot be parsed: {error}") from error
    if fields.get("crossOrigin", False) is not False or "topOrigin" in fields:
        raise PasskeyRefused("the response was made in a frame on another site")
    return challenge


def verify(
    response: ParsedResponse, passkey: Passkey, *, is_user_known: bool
) -> "VerifiedAuthentication":
    """Verify all that WebAuthn Level 3, 7.2, requires, except the signature counter.

    If the user is not known, the device has to return the user handle (7.2, step 6).
    """
    handle = response.credential.response.user_handle
    if handle != passkey.user_handle and not (is_user_known and handle is None):
        raise PasskeyRefused("the user handle is missing, or is of another user")
    try:
        return webauthn.verify_authentication_response(
            credential=response.credential,
            expected_challenge=response.challenge,
            expected_rp_id=rp_id(),
            expected_origin=origin(),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Malformed as error:
        raise PasskeyRefused(f"the response is not valid: {error}") from error


def refuse_cloned_key(passkey: Passkey, verified: "VerifiedAuthentication") -> None:
    """Raise PasskeyRefused if the signature counter went back: then two devices have the key.

    This is not left to the library, because the signature is valid and the owner has to be warned
    (WebAuthn Level 3, 6.1.1 and 7.2).
    """
    multi_device = webauthn.helpers.structs.CredentialDeviceType.MULTI_DEVICE
    if (verified.credential_device_type is multi_device) != passkey.backup_eligible:
        raise PasskeyRefused("its backup eligibility has changed, which WebAuthn rules out")
    counts = verified.new_sign_count or passkey.sign_count
    if counts and verified.new_sign_count <= passkey.sign_count:
        record_regardless(PASSKEY_COPIED, passkey.user_id, passkey=passkey.name)
        raise PasskeyRefused("its signature counter went back")
