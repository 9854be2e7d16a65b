from __future__ import annotations

import pytest

from risktui.model.addresses import canonical_address, is_private, prefix_of


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("203.0.113.7", "203.0.113.7"),
        (" 203.0.113.7 ", "203.0.113.7"),
        ("1.2.3.4:52816", "1.2.3.4"),
        ("[2a01:db8::5]:36185", "2a01:db8::5"),
        ("[10.1.1.1]:1", "10.1.1.1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("localhost", ""),
        ("host.contoso.com", ""),
        ("", ""),
        (None, ""),
        (5, ""),
        ("<null>", ""),
        ("0.0.0.0", ""),
        ("::", ""),
        ("123.456.7.89", ""),
        ("<IP ADDRESS>", ""),
        ("57e4bd36-9722-4a4a-9729-7203d8e00b72", ""),
        ("NOTANIP (10.90.0.1)", ""),
        ("225.01.00.16", ""),
        ("1" * 500, ""),
    ],
)
def test_finds_the_address_in_what_logs_write(written: object, meant: str) -> None:
    assert canonical_address(written) == meant


def test_knows_networks() -> None:
    assert prefix_of("203.0.113.7") == "203.0.113.0/24"
    assert prefix_of("2001:db8:1:2::3") == "2001:db8:1::/48"
    assert prefix_of("") == ""
    assert is_private("10.1.2.3")
    assert not is_private("8.8.8.8")
