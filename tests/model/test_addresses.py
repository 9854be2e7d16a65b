"""What the logs write as an address, and what becomes of it."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from risktui.model.addresses import (
    DOCUMENTATION,
    PRIVATE,
    canonical_address,
    is_documentation,
    is_private,
    prefix_of,
)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("198.51.100.7", "198.51.100.7"),
        (" 198.51.100.7 ", "198.51.100.7"),
        ("198.51.100.7:52816", "198.51.100.7"),
        ("[198.51.100.7]:1", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("[::ffff:198.51.100.7]:443", "198.51.100.7"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:36185", "2001:db8::1"),
        ("2001:0DB8:0000::0001", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("10.1.1.1", "10.1.1.1"),
    ],
)
def test_an_address_is_found_in_what_logs_write(written: str, address: str) -> None:
    assert canonical_address(written) == address


@pytest.mark.parametrize(
    "written",
    [
        "",
        None,
        "<null>",
        "localhost",
        "login.example.com:443",
        "0.0.0.0",
        "::",
        "123.456.7.89",
        "<IP ADDRESS>",
        "8b3e1d52-4a73-4a56-9a31-0d1a3a3a9f10",
        "NOTANIP (10.90.0.1)",
        "225.01.00.16",
        "[2001:db8::1",
        "[2001:db8::1]x",
        "[198.51.100.7]:",
        "1.2.3.4:port",
        "1.2.3.4, 5.6.7.8",
        3232235521,
        {"ip": "198.51.100.7"},
        "1" * 10_000,
        "١٩٨.51.100.7",
    ],
)
def test_everything_else_is_no_address(written: object) -> None:
    assert canonical_address(written) == ""


@given(st.one_of(st.text(), st.binary(), st.integers(), st.none()))
def test_no_input_raises_and_the_answer_is_stable(written: object) -> None:
    address = canonical_address(written)
    assert canonical_address(address) == address


@given(st.ip_addresses())
def test_every_real_address_survives_with_a_port(address: object) -> None:
    plain = canonical_address(str(address))
    assert canonical_address(f"[{address}]:443") == plain


def test_the_prefix_is_a_24_or_a_48() -> None:
    assert prefix_of("198.51.100.200") == "198.51.100.0/24"
    assert prefix_of("2001:db8:1:2:3::4") == "2001:db8:1::/48"
    assert prefix_of("") == ""


def test_private_addresses_say_nothing_about_their_user() -> None:
    for address in (
        "10.0.0.1",
        "172.31.255.1",
        "192.168.1.1",
        "100.64.0.1",
        "127.0.0.1",
        "fd00::1",
    ):
        assert is_private(address)
    for address in ("8.8.8.8", "172.32.0.1", "2001:db8::1", "198.51.100.1", ""):
        assert not is_private(address)


def test_documentation_ranges_are_recognised() -> None:
    assert is_documentation("203.0.113.9")
    assert is_documentation("2001:db8:1::5")
    assert not is_documentation("8.8.8.8")


def test_where_a_range_ends_the_next_address_is_out_of_it() -> None:
    for ranges, holds in ((PRIVATE, is_private), (DOCUMENTATION, is_documentation)):
        for network in ranges:
            first, last = network.network_address, network.broadcast_address
            assert holds(str(first))
            assert holds(str(last))
            for next_to in (int(first) - 1, int(last) + 1):
                if 0 <= next_to < 1 << network.max_prefixlen:
                    beside = type(first)(next_to)
                    assert holds(str(beside)) == any(beside in each for each in ranges)


@given(st.ip_addresses())
def test_the_prefix_is_the_network_that_the_address_is_in(address: object) -> None:
    text = str(address)
    prefix = ip_network(prefix_of(text))
    assert ip_address(text) in prefix
    assert prefix.prefixlen == (24 if prefix.version == 4 else 48)
