"""The options with which a browser creates or uses a passkey, as the JSON that it parses itself.

Every passkey is discoverable (usable without entering an email address first) and verifies the
user (fingerprint, face or PIN): so it counts as both factors (NIST SP 800-63B-4, 3.2.5).
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import current_app

from app.crypto.tokens import make_key
from app.passkeys.challenges import LIFETIME, make_challenge, purpose_for_this_login
from app.passkeys.models import Passkey
from app.passkeys.relying_party import rp_id, webauthn
from app.users.models import User

if TYPE_CHECKING:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

TIMEOUT_MILLISECONDS = int(LIFETIME.total_seconds() * 1000)


def registration_options(user: User, existing: list[Passkey]) -> str:
    """Return the options for a new passkey beside the existing ones of the user.

    The user handle travels in the challenge and is stored with the passkey.
    """
    handle = existing[0].user_handle if existing else make_key()
    structs = webauthn.helpers.structs
    return webauthn.options_to_json(
        webauthn.generate_registration_options(
            rp_id=rp_id(),
            rp_name=current_app.config["APP_NAME"],
            user_id=handle,
            user_name=user.email,
            user_display_name=user.name,
            challenge=make_challenge(
                registration_purpose(user), webauthn.helpers.bytes_to_base64url(handle)
            ),
            timeout=TIMEOUT_MILLISECONDS,
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                resident_key=structs.ResidentKeyRequirement.REQUIRED,
                user_verification=structs.UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=descriptors(existing),
        )
    )


def authentication_options(purpose: str, allowed: Iterable[Passkey] = ()) -> str:
    """Return the options for using one of the allowed passkeys, or any that the user selects."""
    return webauthn.options_to_json(
        webauthn.generate_authentication_options(
            rp_id=rp_id(),
            challenge=make_challenge(purpose),
            timeout=TIMEOUT_MILLISECONDS,
            allow_credentials=descriptors(allowed),
            user_verification=webauthn.helpers.structs.UserVerificationRequirement.REQUIRED,
        )
    )


def registration_purpose(user: User) -> str:
    """Return the purpose of a challenge that adds a passkey to this user's."""
    return purpose_for_this_login(f"add to {user.id}")


def descriptors(passkeys: Iterable[Passkey]) -> "list[PublicKeyCredentialDescriptor]":
    structs = webauthn.helpers.structs
    return [
        structs.PublicKeyCredentialDescriptor(
            id=passkey.credential_id,
            transports=[
                structs.AuthenticatorTransport(name) for name in passkey.transports.split()
            ],
        )
        for passkey in passkeys
    ]
