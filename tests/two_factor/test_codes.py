"""TOTP codes: the test vectors of RFC 4226 and RFC 6238, and the setup of an app."""

import pytest

from app.two_factor.totp import code_at, find_step, format_secret, make_secret, provisioning_uri
from tests.two_factor.phones import Phone

# The secret of both RFCs' examples for SHA-1.
SECRET = b"12345678901234567890"
# RFC 4226, appendix D: the codes of the counters 0 to 9.
HOTP = [755224, 287082, 359152, 969429, 338314, 254676, 287922, 162583, 399871, 520489]
# RFC 6238, appendix B: seconds since 1970, and the code of eight digits.
TOTP = [
    (59, "94287082"),
    (1111111109, "07081804"),
    (1111111111, "14050471"),
    (1234567890, "89005924"),
    (2000000000, "69279037"),
    (20000000000, "65353130"),
]


@pytest.mark.parametrize(("counter", "code"), [*enumerate(HOTP)])
def test_the_vectors_of_rfc_4226(counter: int, code: int) -> None:
    assert code_at(SECRET, counter) == f"{code:06}"


@pytest.mark.parametrize(("seconds", "code"), TOTP)
def test_the_vectors_of_rfc_6238(seconds: int, code: str) -> None:
    assert code_at(SECRET, seconds // 30, digits=8) == code


def test_a_secret_has_160_bits_and_is_never_the_same() -> None:
    assert len(make_secret()) == 20
    assert make_secret() != make_secret()


def test_the_setup_key_as_text_contains_the_same_secret() -> None:
    assert format_secret(SECRET) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"
    assert Phone(format_secret(SECRET)).secret == SECRET


def test_a_site_and_an_address_with_odd_characters_survive_the_uri() -> None:
    uri = provisioning_uri(SECRET, site="Ünï & Söhne", email="o'neil+x@example.com")
    assert uri == (
        "otpauth://totp/%C3%9Cn%C3%AF%20%26%20S%C3%B6hne:o%27neil%2Bx@example.com"
        "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=%C3%9Cn%C3%AF%20%26%20S%C3%B6hne"
    )


@pytest.mark.parametrize("code", ["", "12345", "1234567", "١٢٣٤٥٦", "abcdef"])
def test_malformed_codes_match_no_step(code: str) -> None:
    assert find_step(SECRET, code) is None
