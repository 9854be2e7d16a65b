"""Published records, each with the events it becomes, field by field.

`expectations.json` was written by `python tests/logs/test_expectations.py` and then read through.
What differs from it is a change that somebody wants, or a mistake.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

EXPECTED = Path(__file__).with_name("expectations.json")
EACH = 2
"""Records of each format and kind of event."""

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[1]))

from logs.told import DATA, of, told  # noqa: E402
from risktui.logs.containers import Record, read  # noqa: E402
from risktui.logs.formats.registry import formats  # noqa: E402

Expectation = dict[str, Any]


def becoming(file: str, number: int) -> list[dict[str, Any]]:
    """What the record becomes, as JSON."""
    pieces = [piece for piece in read(DATA / file) if isinstance(piece, Record)]
    events = of(pieces[number])
    return [{"event": type(event).__name__} | _plain(told(event)) for event in events]


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(msgspec.json.encode(value))
    return plain


def chosen() -> Iterator[tuple[str, int]]:
    """The first records of each format and kind of event; of the unified log of each operation."""
    taken: Counter[tuple[str, ...]] = Counter()
    for path in sorted(path for path in DATA.rglob("*") if path.suffix != ".md" and path.is_file()):
        pieces = [piece for piece in read(path) if isinstance(piece, Record)]
        for number, piece in enumerate(pieces):
            kinds = tuple(f"{event.source} {type(event).__name__}" for event in of(piece))
            more = path.name if "documented" in path.name else ""
            if kinds and taken[more, *kinds] < (8 if more else EACH):
                taken[more, *kinds] += 1
                yield str(path.relative_to(DATA)), number


def expectations() -> list[Expectation]:
    """What was read through."""
    found: list[Expectation] = json.loads(EXPECTED.read_text("utf-8")) if EXPECTED.exists() else []
    return found


@pytest.mark.parametrize(
    "expected", expectations(), ids=lambda each: f"{each['file']}:{each['record']}"
)
def test_a_record_becomes_what_it_says_field_by_field(expected: Expectation) -> None:
    assert becoming(expected["file"], expected["record"]) == expected["events"]


def test_there_are_two_records_of_every_format() -> None:
    sources = Counter(each["events"][0]["source"] for each in expectations())
    assert {each.name for each in formats()} == set(sources)
    assert min(sources.values()) >= EACH


def test_alerts_of_the_unified_log_and_older_ones_of_graph_are_among_them() -> None:
    told_of = [event for each in expectations() for event in each["events"]]
    alerts = [event for event in told_of if event["event"] == "ProductAlert"]
    assert sum(event["operation"] == "AlertEntityGenerated" for event in alerts) == EACH
    assert sum(event["operation"].startswith("MCAS_ALERT") for event in alerts) == EACH
    assert sum(event["product"] in {"Microsoft IPC", "Microsoft MCAS"} for event in alerts) == EACH


if __name__ == "__main__":
    written = [
        {"file": file, "record": number, "events": becoming(file, number)}
        for file, number in chosen()
    ]
    EXPECTED.write_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n", "utf-8")
