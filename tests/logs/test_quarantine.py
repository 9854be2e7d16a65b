from __future__ import annotations

from risktui.logs.quarantine import (
    MOST_NAMED,
    OTHER,
    count_named,
    count_quarantined,
    from_broken,
    from_record,
)
from risktui.logs.records import Broken, Record


def test_keeps_the_first_characters_in_a_form_that_can_be_shown() -> None:
    record = Record("a.json", 7, b'{"x": "\x1b[31m' + b"y" * 5_000, 0)
    kept = from_record(record, "no time")
    assert (kept.path, kept.offset, kept.reason) == ("a.json", 7, "no time")
    assert kept.sample == '{"x": "' + "y" * 192 + "…"


def test_counts_per_file_and_reason() -> None:
    found = [from_broken(Broken(path, 0, "cut off")) for path in ("a", "b", "a")]
    assert count_quarantined(found) == {("a", "cut off"): 2, ("b", "cut off"): 1}


def test_reasons_are_not_counted_without_end() -> None:
    counts: dict[str, int] = {}
    for number in range(MOST_NAMED + 50):
        count_named(counts, f"reason {number}")
    assert len(counts) == MOST_NAMED + 1
    assert counts[OTHER] == 50
