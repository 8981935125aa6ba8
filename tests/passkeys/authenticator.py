"""A WebAuthn authenticator in software, with real keys and real signatures.

Its responses follow WebAuthn Level 3 (6.1, 6.5) and CTAP byte for byte, and a test can make a
single field wrong.
"""

import hashlib
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, MAY_BE_COPIED, IS_COPIED, NEW_KEY = 0x01, 0x04, 0x08, 0x10, 0x40
ORIGIN = "http://localhost:5000"


@dataclass
class Key:
    rp_id: str
    user_handle: bytes
    private: ec.EllipticCurvePrivateKey
    id: bytes = field(default_factory=lambda: os.urandom(32))
    count: int = 0

    def public(self) -> bytes:
        """Return the public key in COSE format (RFC 9052, 7): EC2, ES256, P-256, x, y."""
        numbers = self.private.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})


@dataclass
class Authenticator:
    # The origin of the page, which the browser signs.
    origin: str = ORIGIN
    # The fields with which a browser reports a frame.
    frame: dict[str, Any] = field(default_factory=lambda: {"crossOrigin": False})
    # Whether it returns the user handle; old security keys do not.
    names_owner: bool = True
    # Whether it verifies the user, and whether its keys are synchronized.
    verifies: bool = True
    may_be_copied: bool = True
    is_copied: bool = False
    # Security keys have a signature counter; synchronized passkeys do not.
    counts: bool = False
    # The relying party to respond for, if not the one in the options.
    rp_id: str | None = None
    # The id of the next key, if not random.
    next_id: bytes | None = None
    keys: list[Key] = field(default_factory=list)

    def make(self, options: dict[str, Any]) -> str:
        """Create a passkey, as navigator.credentials.create() does, and return its toJSON()."""
        taken = {given["id"] for given in options["excludeCredentials"]}
        assert not taken & {encode(key.id) for key in self.keys}, "InvalidStateError"
        key = self.new_key(self.rp_id or options["rp"]["id"], decode(options["user"]["id"]))
        key.id = self.next_id or key.id
        self.keys.append(key)
        credential_data = b"\0" * 16 + len(key.id).to_bytes(2, "big") + key.id + key.public()
        data = self.data(key, NEW_KEY) + credential_data
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self.respond(
            key,
            clientDataJSON=self.client_data("webauthn.create", options),
            attestationObject=attestation,
            transports=["internal", "hybrid"],
        )

    def use(self, options: dict[str, Any], key: Key | None = None) -> str:
        """Use a passkey, as navigator.credentials.get() does, and return its toJSON()."""
        key = key or self.pick(options)
        key.count += self.counts
        data = self.data(key)
        client_data = self.client_data("webauthn.get", options)
        signed = data + hashlib.sha256(client_data).digest()
        return self.respond(
            key,
            clientDataJSON=client_data,
            authenticatorData=data,
            signature=key.private.sign(signed, ec.ECDSA(SHA256())),
            userHandle=key.user_handle if self.names_owner else None,
        )

    def new_key(self, rp_id: str, user_handle: bytes = b"no user") -> Key:
        return Key(rp_id, user_handle, ec.generate_private_key(ec.SECP256R1()))

    def pick(self, options: dict[str, Any]) -> Key:
        """Return the newest key that the options allow."""
        allowed = {given["id"] for given in options["allowCredentials"]}
        fitting = [
            key
            for key in self.keys
            if key.rp_id == (self.rp_id or options["rpId"])
            and (not allowed or encode(key.id) in allowed)
        ]
        assert fitting, "NotAllowedError"
        return fitting[-1]

    def data(self, key: Key, flags: int = 0) -> bytes:
        flags |= PRESENT
        flags |= VERIFIED * self.verifies | MAY_BE_COPIED * self.may_be_copied
        flags |= IS_COPIED * self.is_copied
        rp_id_hash = hashlib.sha256((self.rp_id or key.rp_id).encode()).digest()
        return rp_id_hash + bytes([flags]) + key.count.to_bytes(4, "big")

    def client_data(self, kind: str, options: dict[str, Any]) -> bytes:
        data = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps({**data, **self.frame}).encode()

    def respond(self, key: Key, **response: Any) -> str:
        written = {
            name: encode(value) if isinstance(value, bytes) else value
            for name, value in response.items()
        }
        id = encode(key.id)
        whole = {"id": id, "rawId": id, "type": "public-key", "response": written}
        return json.dumps({**whole, "clientExtensionResults": {}})


def encode(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def decode(value: str) -> bytes:
    return urlsafe_b64decode(value + "=" * (-len(value) % 4))
