"""Register, rename and remove passkeys (WebAuthn Level 3, 7.1)."""

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from app.database import db
from app.passkeys.authentication import Malformed, PasskeyRefused, parse_challenge
from app.passkeys.challenges import ChallengeRefused, mark_challenge_used, read_challenge
from app.passkeys.models import MAX_CREDENTIAL_ID_LENGTH, MAX_PASSKEY_NAME_LENGTH, Passkey
from app.passkeys.options import registration_purpose
from app.passkeys.passwordless import require_other_credentials
from app.passkeys.relying_party import origin, rp_id, webauthn
from app.two_factor.factors import record_factor_added, record_factor_removed
from app.two_factor.recovery_codes import NewCodes, replace_codes
from app.users.models import User

if TYPE_CHECKING:
    from webauthn.helpers.structs import RegistrationCredential
    from webauthn.registration.verify_registration_response import VerifiedRegistration

# The name in the audit trail.
PASSKEY_KIND = "passkey"
# More than a user has devices, and few enough to list in the options for a browser.
MAX_PASSKEYS = 20


def find_passkeys(user: User) -> list[Passkey]:
    """Return the user's passkeys, oldest first."""
    own = select(Passkey).where(Passkey.user_id == user.id).order_by(Passkey.id)
    return list(db.session.scalars(own))


def count_passkeys(user: User) -> int:
    own = select(func.count()).select_from(Passkey).where(Passkey.user_id == user.id)
    return db.session.scalar(own) or 0


def find_passkey(user: User, passkey_id: int) -> Passkey | None:
    """Return one of the user's own passkeys as its row is now, or None."""
    passkey = db.session.get(Passkey, passkey_id, populate_existing=True)
    return passkey if passkey is not None and passkey.user_id == user.id else None


def add_passkey(
    user: User, response_json: str, name: str, codes: NewCodes | None = None
) -> Passkey:
    """Store a new passkey, end all other logins, and record it, which emails the owner.

    `codes` become the user's recovery codes. Raises PasskeyRefused, and then nothing was changed.
    The caller has the user from lock_current_login(), and requests the commit.
    """
    credential, challenge = parse_response(response_json)
    try:
        payload = read_challenge(challenge, registration_purpose(user))
    except ChallengeRefused as refusal:
        raise PasskeyRefused(str(refusal)) from refusal
    verified = verify(credential, challenge)
    if len(verified.credential_id) > MAX_CREDENTIAL_ID_LENGTH or is_known(verified.credential_id):
        raise PasskeyRefused("its id is too long, or already registered")
    if count_passkeys(user) >= MAX_PASSKEYS:
        raise PasskeyRefused("the user has too many passkeys")
    mark_challenge_used(challenge, registration_purpose(user))
    handle = webauthn.base64url_to_bytes(payload)
    passkey = make_passkey(user, handle, credential, verified, name)
    db.session.add(passkey)
    if codes is not None:
        replace_codes(user, codes)
    record_factor_added(user, PASSKEY_KIND)
    return passkey


def remove_passkey(user: User, passkey: Passkey) -> None:
    """Delete the passkey, end all other logins, and record it, which emails the owner.

    Raises LastCredential if an account without a password still needs it. The caller has both
    since lock_current_login(), and requests the commit.
    """
    require_other_credentials(user, count_passkeys(user) - 1)
    db.session.delete(passkey)
    record_factor_removed(user, PASSKEY_KIND)


def is_known(credential_id: bytes) -> bool:
    known = select(Passkey.id).where(Passkey.credential_id == credential_id)
    return db.session.scalar(known) is not None


def parse_response(response_json: str) -> "tuple[RegistrationCredential, bytes]":
    """Return the credential and the challenge in the response of the browser, not verified."""
    try:
        credential = webauthn.helpers.parse_registration_credential_json(response_json)
    except Malformed as error:
        raise PasskeyRefused(f"the response cannot be parsed: {error}") from error
    return credential, parse_challenge(credential.response.client_data_json)


def verify(credential: "RegistrationCredential", challenge: bytes) -> "VerifiedRegistration":
    """Verify all that WebAuthn Level 3, 7.1, requires.

    Attestation (the model of the device) is not requested: it would exclude devices and help to
    track users.
    """
    try:
        return webauthn.verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=rp_id(),
            expected_origin=origin(),
            require_user_verification=True,
        )
    except Malformed as error:
        raise PasskeyRefused(f"the response is not valid: {error}") from error


def make_passkey(
    user: User,
    handle: bytes,
    credential: "RegistrationCredential",
    verified: "VerifiedRegistration",
    name: str,
) -> Passkey:
    multi_device = webauthn.helpers.structs.CredentialDeviceType.MULTI_DEVICE
    transports = credential.response.transports or []
    return Passkey(
        user_id=user.id,
        credential_id=verified.credential_id,
        public_key=verified.credential_public_key,
        user_handle=handle,
        sign_count=verified.sign_count,
        backup_eligible=verified.credential_device_type is multi_device,
        backed_up=verified.credential_backed_up,
        transports=" ".join(sorted({transport.value for transport in transports})),
        name=name[:MAX_PASSKEY_NAME_LENGTH],
    )
