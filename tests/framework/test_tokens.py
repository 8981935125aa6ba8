"""Random strings that are handed out, and the digests that are kept."""

import base64
import string

from app.crypto.tokens import digest, make_token


def test_a_token_has_256_bits_and_is_never_made_twice() -> None:
    tokens = {make_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert {len(base64.urlsafe_b64decode(token + "=")) for token in tokens} == {32}


def test_a_token_fits_into_an_address_and_a_cookie_as_it_is() -> None:
    assert set(make_token()) <= set(string.ascii_letters + string.digits + "-_")


def test_the_digest_is_sha_256_and_does_not_give_the_token_away() -> None:
    assert digest("abc").hex() == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
    token = make_token()
    assert digest(token) == digest(token)
    assert token.encode() not in digest(token)
