"""Random tokens and their digests."""

import base64
import string

from app.crypto.tokens import digest, make_token


def test_a_token_has_256_bits_and_is_unique() -> None:
    tokens = {make_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert {len(base64.urlsafe_b64decode(token + "=")) for token in tokens} == {32}


def test_a_token_is_safe_in_a_url_and_a_cookie() -> None:
    assert set(make_token()) <= set(string.ascii_letters + string.digits + "-_")


def test_the_digest_is_sha_256() -> None:
    assert digest("abc").hex() == (
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    )
    token = make_token()
    assert digest(token) == digest(token)
    assert token.encode() not in digest(token)
