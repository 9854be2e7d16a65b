from __future__ import annotations

from risktui.logs.quarantine import (
    MOST_NAMED,
    OTHER,
    count_named,
    from_record,
)
from risktui.logs.records import Record


def test_keeps_the_first_characters_in_a_form_that_can_be_shown() -> None:
    record = Record("a.json", 7, b'{"x": "\x1b[31m' + b"y" * 5_000, 0)
    kept = from_record(record, "no time")
    assert (kept.path, kept.offset, kept.reason) == ("a.json", 7, "no time")
    assert kept.sample == '{"x": "' + "y" * 192 + "…"


def test_reasons_are_not_counted_without_end() -> None:
    counts: dict[str, int] = {}
    for number in range(MOST_NAMED + 50):
        count_named(counts, f"reason {number}")
    assert len(counts) == MOST_NAMED + 1
    assert counts[OTHER] == 50
