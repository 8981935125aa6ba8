"""Find out whether what a browser answered was made by somebody's passkey, for this, just now."""

import json
from dataclasses import dataclass

from sqlalchemy import select
from webauthn import verify_authentication_response
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import parse_authentication_credential_json, parse_client_data_json
from webauthn.helpers.structs import AuthenticationCredential, CredentialDeviceType

from app.audit.actions import Action
from app.audit.trail import record_regardless
from app.clock import now
from app.database import db
from app.passkeys.challenges import ChallengeRefused, read_challenge, spend_challenge
from app.passkeys.models import Passkey
from app.passkeys.relying_party import origin, rp_id
from app.users.models import User

# Reading what strangers make up, the library raises whatever its parsers do.
Malformed = Exception


class PasskeyRefused(ValueError):
    """The answer proves nothing; the message, which is for the log, says why."""


@dataclass(frozen=True)
class Answer:
    """What a browser answered, taken apart and not yet believed."""

    credential: AuthenticationCredential
    challenge: bytes


def use_passkey(
    answered: str,
    what_for: str,
    user: User | None = None,
    failure: Action = Action.LOGIN_FAILED,
) -> User:
    """Return who made this answer with a passkey of theirs, just now, having been verified by it.

    `user` is whose it must be, where that is known. Raises PasskeyRefused, for unknown, wrong and
    disabled alike; then nothing was changed, and `failure` is recorded. The caller asks for the
    commit.
    """
    owner: User | None = None
    try:
        answer = read_answer(answered)
        owner, passkey = find_owner(answer.credential.raw_id)
        if owner is None or passkey is None or owner.id != (user or owner).id:
            raise PasskeyRefused("it is nobody's here, or somebody else's")
        read_challenge(answer.challenge, what_for)
        verified = verify(answer, passkey, is_named=user is not None)
        reject_cloned_key(passkey, verified)
        if not owner.is_active:
            raise PasskeyRefused("the account is disabled")
    except (ChallengeRefused, PasskeyRefused) as refusal:
        tried = user or owner
        record_regardless(failure, tried.id if tried else None, factor="passkey")
        raise PasskeyRefused(str(refusal)) from refusal
    spend_challenge(answer.challenge, what_for)
    passkey.sign_count = verified.new_sign_count
    passkey.backed_up = verified.credential_backed_up
    passkey.last_used_at = now()
    return owner


def find_owner(credential_id: bytes) -> tuple[User | None, Passkey | None]:
    """Return whose passkey has this id, locked, and the passkey as it is from then on.

    So of two answers at once the second is judged by what the first has left, and none comes
    after the passkey was removed or its owner shut out.
    """
    is_this = Passkey.credential_id == credential_id
    fresh = {"populate_existing": True}
    owners = select(User).join(Passkey, Passkey.user_id == User.id).where(is_this)
    owner = db.session.scalar(owners.with_for_update(of=User), execution_options=fresh)
    return owner, db.session.scalar(select(Passkey).where(is_this), execution_options=fresh)


def read_answer(answered: str) -> Answer:
    try:
        credential = parse_authentication_credential_json(answered)
    except Malformed as error:
        raise PasskeyRefused(f"it cannot be read: {error}") from error
    return Answer(credential, read_client_data(credential.response.client_data_json))


def read_client_data(written: bytes) -> bytes:
    """Return the challenge that the browser says it was given. Raises PasskeyRefused.

    Also for an answer made in a frame, which no page of this site is (WebAuthn Level 3, 7.1 and
    7.2: `crossOrigin` and `topOrigin`); the library does not look at either.
    """
    try:
        challenge = parse_client_data_json(written).challenge
        said = json.loads(written)
    except Malformed as error:
        raise PasskeyRefused(f"it cannot be read: {error}") from error
    if said.get("crossOrigin", False) is not False or "topOrigin" in said:
        raise PasskeyRefused("it was made in a frame on another site")
    return challenge


def verify(answer: Answer, passkey: Passkey, *, is_named: bool) -> VerifiedAuthentication:
    """Check everything that WebAuthn Level 3, 7.2, asks for but the counter.

    Where no user is named, the device has to say whose passkey it is (7.2, step 6).
    """
    handle = answer.credential.response.user_handle
    if handle != passkey.user_handle and not (is_named and handle is None):
        raise PasskeyRefused("the device does not say whose it is, or takes them for another")
    try:
        return verify_authentication_response(
            credential=answer.credential,
            expected_challenge=answer.challenge,
            expected_rp_id=rp_id(),
            expected_origin=origin(),
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Malformed as error:
        raise PasskeyRefused(f"it proves nothing: {error}") from error


def reject_cloned_key(passkey: Passkey, verified: VerifiedAuthentication) -> None:
    """Raise PasskeyRefused if the counter went back: two devices then hold one key.

    Judged here and not by the library, because the signature is good and the owner has to know
    (WebAuthn Level 3, 6.1.1 and 7.2).
    """
    can_be_copied = verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE
    if can_be_copied != passkey.backup_eligible:
        raise PasskeyRefused("whether it can be backed up has changed, which never does")
    counts = verified.new_sign_count or passkey.sign_count
    if counts and verified.new_sign_count <= passkey.sign_count:
        record_regardless(Action.PASSKEY_COPIED, passkey.user_id, passkey=passkey.name)
        raise PasskeyRefused("its counter went back")
