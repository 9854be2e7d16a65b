from __future__ import annotations

from risktui.detect import DAY, Listing, Network, feeds_of, holds, listings_of

BOTH = Network(tags=("actor", "bad"), feeds=("a.csv@1, plain.txt@2", "bad.txt@3"))


def test_every_list_that_gave_a_tag_is_named() -> None:
    assert feeds_of(BOTH, "actor") == ("a.csv@1", "plain.txt@2")
    assert feeds_of(BOTH, "bad") == ("bad.txt@3",)
    assert feeds_of(BOTH, "tor") == ()


def test_a_plain_list_has_an_entry_beside_those_that_say_more() -> None:
    said = Listing("actor", "a.csv@1", "Typhoon", confidence=90)
    network = Network(tags=BOTH.tags, feeds=BOTH.feeds, listings=(said,))
    assert listings_of(network, "actor") == (said, Listing("actor", "plain.txt@2"))
    assert listings_of(network, "tor") == ()


def test_a_tag_without_any_list_has_an_entry_as_well() -> None:
    assert listings_of(Network(tags=("actor",)), "actor") == (Listing("actor", ""),)


def test_an_entry_holds_from_its_beginning_to_its_end_and_a_grace() -> None:
    entry = Listing("actor", "", valid_from=10 * DAY, valid_until=20 * DAY)
    assert [holds(entry, day * DAY) for day in (9, 10, 20, 21)] == [False, True, True, False]
    assert holds(entry, 21 * DAY, grace=DAY)
    assert holds(Listing("actor", ""), 0)
