"""Input for the forms of passkeys (tests/framework/test_input_size.py)."""

TEXTS = {
    "the type of a passkey": (
        '{"id":"YQ","rawId":"YQ","response":{"clientDataJSON":"YQ","authenticatorData":"YQ",'
        '"signature":"YQ","attestationObject":"YQ"},"type":"',
        "x",
    ),
}
ENDS = {"the type of a passkey": '"}'}
PLAUSIBLE = {"credential": "{}"}
