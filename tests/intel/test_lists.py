from __future__ import annotations

import pytest

from risktui.intel.entries import Entry, networks_in, written
from risktui.intel.lists import NotAListError, entries_of

NOW = 1_772_366_400_000
DAY = 86_400_000


@pytest.mark.parametrize(
    ("document", "networks"),
    [
        ("171.25.193.77\n185.220.101.0/24\n", ["171.25.193.77", "185.220.101.0/24"]),
        ("# netset\n1.10.16.0/20 ; SBL256894\n", ["1.10.16.0/20"]),
        ("; Spamhaus DROP List\n1.10.16.0/20 ; SBL256894\n", ["1.10.16.0/20"]),
        (
            '{"cidr":"1.10.16.0/20","sblid":"SBL256894","rir":"apnic"}\n'
            '{"type":"metadata","timestamp":1772366400,"size":1,"records":1}\n',
            ["1.10.16.0/20"],
        ),
        (
            "ExitNode 0011BD2485AD45D984EC4159C88FC066E5E3300E\nPublished 2026-03-01 10:00:00\n"
            "ExitAddress 162.247.74.201 2026-03-01 10:05:23\n",
            ["162.247.74.201"],
        ),
        (
            "172.224.224.0/27,GB,GB-EN,London,\n2a02:26f7:b3c0:4000::/64,US,US-NY,New York,\n",
            ["172.224.224.0/27", "2a02:26f7:b3c0:4000::/64"],
        ),
        (
            "first_seen_utc,dst_ip,dst_port\n2026-02-01 10:00:00,162.243.103.246,8080\n",
            ["162.243.103.246"],
        ),
        ('{"prefixes": [{"ip_prefix": "3.5.140.0/22"}]}', ["3.5.140.0/22"]),
        ('["171.25.193.77", "185.220.101.1"]', ["171.25.193.77", "185.220.101.1"]),
        ("\ufeff171.25.193.77\r\n", ["171.25.193.77"]),
    ],
)
def test_lists_are_read_as_they_are_published(document: str, networks: list[str]) -> None:
    text = written(entries_of(document.encode()), [], NOW).text
    assert sorted(networks_in(text)) == sorted(networks)


def test_what_columns_say_is_kept() -> None:
    (entry,) = entries_of(
        b"ip,actor,confidence,valid_from,source\n171.25.193.77,Winter Typhoon,90,2026-02-01,us\n"
    )
    assert (entry.name, entry.confidence, entry.source) == ("Winter Typhoon", 90, "us")
    assert entry.valid_from == 1_769_904_000_000


@pytest.mark.parametrize("document", [b"", b"#\n", b"[]", b"{}", b"<html>", b'{"a": {"b": 1}}'])
def test_a_document_without_entries_is_no_list(document: bytes) -> None:
    with pytest.raises(NotAListError):
        entries_of(document)


def test_each_network_is_written_once_with_the_surest_word_and_what_is_over_is_not() -> None:
    made = written(
        [
            Entry(network="171.25.193.77", name="Vague", confidence=20),
            Entry(network="171.25.193.77/32", name="Sure", confidence=90),
            Entry(network="185.220.101.1", valid_until=NOW - 15 * DAY),
            Entry(network="185.220.101.2", valid_until=NOW - 13 * DAY),
            Entry(network="192.168.1.1"),
            Entry(network="nonsense"),
        ],
        ["about"],
        NOW,
    )
    assert (made.entries, made.left_out) == (2, 3)
    assert made.text.splitlines() == [
        "# about",
        "address,actor,confidence,valid_from,valid_until,source",
        "171.25.193.77,Sure,90,,,",
        "185.220.101.2,,,,2026-02-16T12:00:00Z,",
    ]


def test_the_order_of_a_document_changes_nothing() -> None:
    entries = [Entry(network=f"185.220.101.{n}") for n in range(1, 200)]
    assert written(entries, [], NOW) == written(reversed(entries), [], NOW)
