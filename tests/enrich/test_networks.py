"""Lists of networks: how they are read, what is refused, and what an address finds in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from risktui.detect.modifiers import MICROSOFT_ASNS
from risktui.enrich.networks import Networks
from risktui.enrich.sources import SourceError


def written(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_lists_are_read_in_the_shapes_they_are_published_in(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "list.txt",
        "# a comment",
        "; Spamhaus writes its comments like this",
        "",
        "198.51.100.7",
        "203.0.113.0/25 ; SBL123456",
        "192.0.2.64/26,some provider,2026-01-01",
        '"2001:db8:1::/48","quoted"',
        "192.0.2.5/30",
        "198.51.100.9\tseen twice",
    )
    networks = Networks(intel=[(path, "bad")])
    (feed,) = networks.feeds
    assert (feed.entries, feed.skipped, feed.private) == (6, 0, 0)
    for address in (
        "198.51.100.7",
        "198.51.100.9",
        "203.0.113.127",
        "192.0.2.64",
        "192.0.2.6",
        "2001:db8:1:ffff::1",
    ):
        assert networks.tags(address)[0] == ("bad",)
    for address in ("198.51.100.8", "203.0.113.128", "192.0.2.8", "2001:db8:2::1", ""):
        assert networks.tags(address) == ((), ())


def test_a_header_is_no_bad_line(tmp_path: Path) -> None:
    path = written(tmp_path, "list.csv", "cidr,owner", "198.51.100.0/24,x")
    assert Networks(intel=[(path, "vpn")]).feeds[0].skipped == 0


def test_bad_lines_are_reported_with_file_line_and_text(tmp_path: Path) -> None:
    path = written(tmp_path, "list.txt", "198.51.100.7", "no address", "999.1.2.3/24")
    (feed,) = Networks(intel=[(path, "tor")]).feeds
    assert (feed.entries, feed.skipped) == (1, 2)
    assert str(feed.bad_lines[0]) == f"{path}:2: not an address or network: 'no address'"
    assert feed.bad_lines[1].line == 3


def test_only_the_first_bad_lines_of_many_are_kept(tmp_path: Path) -> None:
    path = written(tmp_path, "page.html", *["<p>not a list at all</p>"] * 500)
    (feed,) = Networks(intel=[(path, "tor")]).feeds
    assert feed.skipped == 500
    assert len(feed.bad_lines) == 100


@pytest.mark.parametrize("wide", ["0.0.0.0/0", "128.0.0.0/7", "::/0", "2000::/15"])
def test_a_network_as_wide_as_half_the_internet_is_refused(tmp_path: Path, wide: str) -> None:
    path = written(tmp_path, "list.txt", wide)
    networks = Networks(intel=[(path, "bad")])
    assert networks.feeds[0].entries == 0
    assert "wider than a /" in str(networks.feeds[0].bad_lines[0])
    assert networks.tags("198.51.100.7") == ((), ())
    assert networks.tags("2001:db8::1") == ((), ())


def test_private_ranges_are_left_out_and_counted(tmp_path: Path) -> None:
    bogons = ["0.0.0.0/8", "10.0.0.0/8", "192.168.7.0/24", "127.0.0.1", "fd00::/16", "fe80::1"]
    path = written(tmp_path, "level1.netset", *bogons, "198.51.100.0/24")
    networks = Networks(intel=[(path, "bad")])
    assert (networks.feeds[0].entries, networks.feeds[0].private) == (1, 6)
    assert networks.tags("10.1.2.3") == ((), ())


def test_an_address_has_the_tags_of_all_lists_each_with_its_lists(tmp_path: Path) -> None:
    wide = written(tmp_path, "wide.txt", "198.51.100.0/24")
    narrow = written(tmp_path, "narrow.txt", "198.51.100.7")
    networks = Networks(intel=[(wide, "vpn"), (narrow, "tor"), (narrow, "vpn")])
    tags, feeds = networks.tags("198.51.100.7")
    assert tags == ("tor", "vpn")
    versions = {feed.path.name: feed.name for feed in networks.feeds}
    assert feeds == (
        versions["narrow.txt"],
        f"{versions['narrow.txt']}, {versions['wide.txt']}",
    )


def test_the_version_of_a_list_changes_with_its_content_only(tmp_path: Path) -> None:
    first = Networks(intel=[(written(tmp_path, "a.txt", "198.51.100.7"), "tor")]).feeds[0].name
    again = Networks(intel=[(written(tmp_path, "a.txt", "198.51.100.7"), "tor")]).feeds[0].name
    other = Networks(intel=[(written(tmp_path, "a.txt", "198.51.100.8"), "tor")]).feeds[0].name
    assert first == again
    assert first != other


def test_a_missing_list_and_an_unknown_tag_are_errors_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"gone\.txt: cannot be read .*\[\[intel\]\] path"):
        Networks(intel=[(tmp_path / "gone.txt", "tor")])
    with pytest.raises(SourceError, match=r"unknown tag 'tour'.*tor or vpn"):
        Networks(intel=[(written(tmp_path, "a.txt"), "tour")])


def test_an_empty_list_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "bom.txt"
    path.write_bytes(b"\xef\xbb\xbf198.51.100.7\r\n\xff\xfe broken\r\n")
    networks = Networks(intel=[(path, "tor"), (written(tmp_path, "empty.txt"), "vpn")])
    assert [(feed.entries, feed.skipped) for feed in networks.feeds] == [(1, 1), (0, 0)]
    assert networks.tags("198.51.100.7")[0] == ("tor",)


def test_the_narrowest_named_location_wins(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "named_locations.csv",
        "name,cidr,trusted",
        "Europe,203.0.113.0/24,false",
        '"Headquarters, Tokyo",203.0.113.0/26,TRUE',
        "Lab,2001:db8:7::/48,no",
        "Plant,10.7.0.0/16,yes",
    )
    networks = Networks(named_locations=path)
    office = networks.named_location("203.0.113.9")
    assert office is not None
    assert (office.name, office.trusted) == ("Headquarters, Tokyo", True)
    europe = networks.named_location("203.0.113.99")
    assert europe is not None
    assert (europe.name, europe.trusted) == ("Europe", False)
    plant = networks.named_location("10.7.1.1")
    assert plant is not None
    assert plant.trusted
    assert networks.named_location("198.51.100.1") is None


def test_everywhere_cannot_be_trusted(tmp_path: Path) -> None:
    path = written(
        tmp_path, "named.csv", "All,0.0.0.0/0,true", "Odd,203.0.113.0/24,maybe", ",203.0.113.0/24,1"
    )
    networks = Networks(named_locations=path)
    assert networks.named_location("203.0.113.9") is None
    assert [line.line for line in networks.bad_lines] == [1, 2, 3]


def test_kinds_of_systems_come_with_us_and_a_users_list_wins(tmp_path: Path) -> None:
    path = written(tmp_path, "kinds.csv", "asn,kind", "AS64500,isp", "16509,corp", "64501,planet")
    plain, own = Networks(), Networks(asn_kinds=path)
    assert plain.bad_lines == []
    assert (plain.kind(16509), plain.kind(21928), plain.kind(64500)) == ("hosting", "mobile", "")
    assert (own.kind(16509), own.kind(64500), own.kind(64501)) == ("corp", "isp", "")
    assert [line.line for line in own.bad_lines] == [4]


def test_microsofts_own_network_has_no_kind_of_ours() -> None:
    networks = Networks()
    assert {networks.kind(asn) for asn in MICROSOFT_ASNS} == {""}


def test_tags_that_no_list_gives_are_missing(tmp_path: Path) -> None:
    assert "tor" in Networks().missing
    path = written(tmp_path, "tor.txt", "198.51.100.7")
    assert "tor" not in Networks(intel=[(path, "tor")]).missing
