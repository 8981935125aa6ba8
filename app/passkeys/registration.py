"""Add, rename and remove passkeys."""

from sqlalchemy import func, select
from webauthn import verify_registration_response
from webauthn.helpers import parse_registration_credential_json
from webauthn.helpers.structs import CredentialDeviceType, RegistrationCredential
from webauthn.registration.verify_registration_response import VerifiedRegistration

from app.database import db
from app.passkeys.authentication import Malformed, PasskeyRefused, read_client_data
from app.passkeys.challenges import ChallengeRefused, read_challenge, spend_challenge
from app.passkeys.models import MAX_CREDENTIAL_ID_LENGTH, MAX_PASSKEY_NAME_LENGTH, Passkey
from app.passkeys.options import read_handle, to_add
from app.passkeys.passwordless import require_other_credentials
from app.passkeys.relying_party import origin, rp_id
from app.two_factor.factors import note_added, note_removed
from app.two_factor.recovery_codes import NewCodes, keep_codes
from app.users.models import User

# What the record of second factors calls one.
PASSKEY_KIND = "passkey"
# As many as anybody has devices, and few enough for a browser to be told all of them.
MAX_PASSKEYS = 20


def find_passkeys(user: User) -> list[Passkey]:
    """Return somebody's passkeys, the oldest first."""
    own = select(Passkey).where(Passkey.user_id == user.id).order_by(Passkey.id)
    return list(db.session.scalars(own))


def count_passkeys(user: User) -> int:
    own = select(func.count()).select_from(Passkey).where(Passkey.user_id == user.id)
    return db.session.scalar(own) or 0


def add_passkey(user: User, answered: str, name: str, codes: NewCodes | None = None) -> Passkey:
    """Keep a new passkey, end every other login, and record it, which also tells the owner.

    `codes` become their recovery codes. Raises PasskeyRefused, and then nothing was changed. The
    caller has the user from lock_current_login(), and asks for the commit.
    """
    credential, challenge = read_answer(answered)
    try:
        handle = read_handle(read_challenge(challenge, to_add(user)))
    except ChallengeRefused as refusal:
        raise PasskeyRefused(str(refusal)) from refusal
    made = verify(credential, challenge)
    if len(made.credential_id) > MAX_CREDENTIAL_ID_LENGTH or is_known(made.credential_id):
        raise PasskeyRefused("its id is too long, or somebody's already")
    if count_passkeys(user) >= MAX_PASSKEYS:
        raise PasskeyRefused("there are too many")
    spend_challenge(challenge, to_add(user))
    passkey = describe(user, handle, credential, made, name)
    db.session.add(passkey)
    if codes is not None:
        keep_codes(user, codes)
    note_added(user, PASSKEY_KIND)
    return passkey


def rename_passkey(passkey: Passkey, name: str) -> None:
    passkey.name = name[:MAX_PASSKEY_NAME_LENGTH]


def remove_passkey(user: User, passkey: Passkey) -> None:
    """Let it open nothing any more, end every other login, and record it, which tells the owner.

    Raises NeededToSignIn where it is what opens an account without a password. The caller has
    both since lock_current_login(), and asks for the commit.
    """
    require_other_credentials(user, count_passkeys(user) - 1)
    db.session.delete(passkey)
    note_removed(user, PASSKEY_KIND)


def find_passkey(user: User, passkey_id: int) -> Passkey | None:
    """Return one of the user's own passkeys as its row is now, or None."""
    passkey = db.session.get(Passkey, passkey_id, populate_existing=True)
    return passkey if passkey is not None and passkey.user_id == user.id else None


def is_known(credential_id: bytes) -> bool:
    known = select(Passkey.id).where(Passkey.credential_id == credential_id)
    return db.session.scalar(known) is not None


def read_answer(answered: str) -> tuple[RegistrationCredential, bytes]:
    """Take apart what the browser answered, and find the challenge it says it was asked."""
    try:
        credential = parse_registration_credential_json(answered)
    except Malformed as error:
        raise PasskeyRefused(f"it cannot be read: {error}") from error
    return credential, read_client_data(credential.response.client_data_json)


def verify(credential: RegistrationCredential, challenge: bytes) -> VerifiedRegistration:
    """Check everything that WebAuthn Level 3, 7.1, asks for.

    Which make the device is, is not asked: it would shut out devices and tell people apart.
    """
    try:
        return verify_registration_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=rp_id(),
            expected_origin=origin(),
            require_user_verification=True,
        )
    except Malformed as error:
        raise PasskeyRefused(f"it proves nothing: {error}") from error


def describe(
    user: User,
    handle: bytes,
    credential: RegistrationCredential,
    made: VerifiedRegistration,
    name: str,
) -> Passkey:
    ways = credential.response.transports or []
    return Passkey(
        user_id=user.id,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        user_handle=handle,
        sign_count=made.sign_count,
        backup_eligible=made.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
        backed_up=made.credential_backed_up,
        transports=" ".join(sorted({way.value for way in ways})),
        name=name[:MAX_PASSKEY_NAME_LENGTH],
    )
