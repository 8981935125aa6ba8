"""What a browser is told before it asks for a passkey, as JSON that it can read by itself.

A passkey always has to be found without naming the person first, and always checks who holds it
(a fingerprint, a face, a PIN): then it counts as both factors (NIST SP 800-63B-4, 3.2.5).
"""

from collections.abc import Iterable

from flask import current_app
from webauthn import (
    base64url_to_bytes,
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
)
from webauthn.helpers import bytes_to_base64url
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.crypto.tokens import make_key
from app.passkeys.challenges import LIFETIME, for_this_login, make_challenge
from app.passkeys.models import Passkey
from app.passkeys.relying_party import rp_id
from app.users.models import User

VERIFIED = UserVerificationRequirement.REQUIRED
MILLISECONDS = int(LIFETIME.total_seconds() * 1000)


def registration_options(user: User, kept: list[Passkey]) -> str:
    """Return the options of a new passkey, which replaces none that this person has.

    What the device will call its owner goes along in the challenge, and is kept with the passkey.
    """
    handle = kept[0].user_handle if kept else make_key()
    return options_to_json(
        generate_registration_options(
            rp_id=rp_id(),
            rp_name=current_app.config["APP_NAME"],
            user_id=handle,
            user_name=user.email,
            user_display_name=user.name,
            challenge=make_challenge(to_add(user), bytes_to_base64url(handle)),
            timeout=MILLISECONDS,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=VERIFIED
            ),
            exclude_credentials=describe(kept),
        )
    )


def authentication_options(what_for: str, among: Iterable[Passkey] = ()) -> str:
    """Return the options of using a passkey: one of these, or whichever the person picks."""
    return options_to_json(
        generate_authentication_options(
            rp_id=rp_id(),
            challenge=make_challenge(what_for),
            timeout=MILLISECONDS,
            allow_credentials=describe(among),
            user_verification=VERIFIED,
        )
    )


def to_add(user: User) -> str:
    """Return what a challenge is for that adds a passkey to this person's."""
    return for_this_login(f"add to {user.id}")


def read_handle(note: str) -> bytes:
    return base64url_to_bytes(note)


def describe(passkeys: Iterable[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    """Return how a browser finds these."""
    return [
        PublicKeyCredentialDescriptor(
            id=passkey.credential_id,
            transports=[AuthenticatorTransport(way) for way in passkey.transports.split()],
        )
        for passkey in passkeys
    ]
