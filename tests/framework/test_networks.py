"""Which client addresses rate limits count together."""

import pytest

from app.web.networks import UNKNOWN, network_of, plain_address

NETWORKS = {
    "192.0.2.1": "192.0.2.1",
    "192.0.2.1:5678": "192.0.2.1",
    "::ffff:192.0.2.1": "192.0.2.1",
    "[::ffff:192.0.2.1]:5678": "192.0.2.1",
    "64:ff9b::192.0.2.1": "192.0.2.1",
    "2001:db8:0:1::1": "2001:db8:0:1::/64",
    "2001:DB8:0:1:ffff::2": "2001:db8:0:1::/64",
    "[2001:db8:0:1::3]": "2001:db8:0:1::/64",
    "[2001:db8:0:1::4]:5678": "2001:db8:0:1::/64",
    "2001:db8:0:2::1": "2001:db8:0:2::/64",
    "fe80::1%eth0": "fe80::/64",
}
NO_ADDRESSES = [
    "",
    "unknown",
    "_hidden",
    "evil, 192.0.2.1",
    "192.0.2.1.5",
    "192.0.2.01",
    "[192.0.2.1",
    "[]",
    "1:2",
    "a\0b",
    "\N{ARABIC-INDIC DIGIT ONE}.1.1.1",
    "[" * 100_000,
    "192.0.2.1:" + "5" * 100_000,
]


@pytest.mark.parametrize(("address", "network"), NETWORKS.items())
def test_a_client_is_counted_with_its_network(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize("text", NO_ADDRESSES, ids=lambda text: text[:20])
def test_invalid_addresses_are_counted_together(text: str) -> None:
    assert network_of(text) == UNKNOWN
    assert plain_address(text) == ""


def test_an_address_is_in_canonical_form_without_its_port() -> None:
    assert plain_address("[2001:DB8:0:1::1]:5678") == "2001:db8:0:1::1"
    assert plain_address("::ffff:192.0.2.1") == "192.0.2.1"
