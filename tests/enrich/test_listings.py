"""What lists say in further columns: actors, confidence, how long an entry holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from risktui.enrich.enrich import Enricher
from risktui.enrich.networks import Networks
from risktui.model.events import Listing, SignIn

HEADER = "cidr,actor,source,confidence,valid_from,valid_until,shared_infra"
JANUARY, FEBRUARY = 1_767_225_600_000, 1_769_904_000_000


def networks(folder: Path, *lines: str) -> Networks:
    path = folder / "actors.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return Networks(intel=[(path, "actor")])


def test_a_list_with_a_header_says_who_how_sure_and_how_long(tmp_path: Path) -> None:
    known = networks(
        tmp_path,
        HEADER,
        '198.51.100.0/24,"Blizzard, the second",MSTIC,90,2026-01-01,2026-02-01T00:00:00Z,false',
    )
    (feed,) = known.feeds
    assert known.listings("198.51.100.7") == (
        Listing(
            "actor",
            feed.name,
            "Blizzard, the second",
            "MSTIC",
            90,
            JANUARY,
            FEBRUARY,
            is_shared=False,
        ),
    )
    assert known.tags("198.51.100.7") == (("actor",), (feed.name,))
    assert known.listings("203.0.113.7") == ()


def test_columns_may_come_in_any_order_and_be_left_empty(tmp_path: Path) -> None:
    known = networks(tmp_path, "ip,valid_to,actor", "192.0.2.7,,Typhoon", "192.0.2.8,,")
    assert known.listings("192.0.2.7")[0].name == "Typhoon"
    assert known.listings("192.0.2.7")[0].confidence is None
    assert known.listings("192.0.2.8") == ()
    assert known.tags("192.0.2.8")[0] == ("actor",)


def test_without_a_header_further_cells_mean_nothing(tmp_path: Path) -> None:
    assert networks(tmp_path, "192.0.2.7,Typhoon,90").listings("192.0.2.7") == ()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("192.0.2.7,x,y,high,,,", "confidence is not 0 to 100"),
        ("192.0.2.7,x,y,101,,,", "confidence is not 0 to 100"),
        ("192.0.2.7,x,y,90,yesterday,,", "not a date like 2026-03-02"),
        ("192.0.2.7,x,y,90,,,perhaps", "shared is not true or false"),
        ("not an address,x,y,90,,,", "not an address or network"),
    ],
)
def test_a_bad_line_is_skipped_and_the_feed_says_so(tmp_path: Path, row: str, reason: str) -> None:
    known = networks(tmp_path, HEADER, row, "192.0.2.9,Typhoon,MSTIC,90,,,")
    (feed,) = known.feeds
    assert (feed.entries, feed.skipped) == (1, 1)
    assert feed.bad_lines[0].reason == reason
    assert known.tags("192.0.2.7")[0] == ()


def test_the_listing_travels_on_the_event(tmp_path: Path) -> None:
    path = tmp_path / "actors.csv"
    path.write_text(f"{HEADER}\n192.0.2.7,Typhoon,MSTIC,90,,,\n", "utf-8")
    event = SignIn(time=0, id="1", ip_address="192.0.2.7")
    Enricher.build(intel=[(path, "actor")], builtin=False).enrich(event)
    assert [listing.name for listing in event.network.listings] == ["Typhoon"]


def test_what_cannot_be_seen_in_a_list_is_not_in_it(tmp_path: Path) -> None:
    known = networks(
        tmp_path, HEADER, "\u200b198.51.100.7,Winter \x1b[31mTyphoon\u202e,MSTIC\u00a0,90,,,"
    )
    (listing,) = known.listings("198.51.100.7")
    assert (listing.name, listing.source) == ("Winter [31mTyphoon", "MSTIC")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_bad_line_has_the_number_that_an_editor_shows(tmp_path: Path, end: str) -> None:
    path = tmp_path / "actors.csv"
    lines = ["\ufeff# ours", "198.51.100.7", "# a \u2028 b \x0c c", "", "nowhere", ""]
    path.write_bytes(end.join(lines).encode())
    (feed,) = Networks(intel=[(path, "actor")]).feeds
    assert (feed.entries, [bad.line for bad in feed.bad_lines]) == (1, [5])
