"""How many records of a file were set aside comes to the same wherever an engine begins anew."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from logs.written_logs import lines, story
from risktui.engine import aside
from risktui.engine.aside import Aside
from risktui.logs import order
from risktui.logs.batch import Batch, Position, Quarantined
from risktui.logs.order import scan


def counted(batches: Iterable[Batch]) -> dict[str, int]:
    """What an engine that reads `batches` and commits each adds to what is set aside."""
    waiting, total = Aside(), dict[str, int]()
    for batch in batches:
        waiting.note(batch.quarantined)
        for path, count in waiting.left_behind(
            {each.path: each for each in batch.positions}
        ).items():
            total[path] = total.get(path, 0) + count
    return total


def test_a_record_that_is_set_aside_twice_is_counted_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order, "BATCH_EVENTS", 25)
    monkeypatch.setattr(order, "PIECE", 8_000)
    records = story(1, 300)
    broken = [{"category": "SignInLogs", "properties": {"id": 7}}] * 2
    mixed = [each for record in records[::2] for each in (record, *broken[: record is records[4]])]
    plain, wrapped, packed = (tmp_path / name for name in ("a.json", "b.json", "c.json.gz"))
    plain.write_bytes(lines(mixed) + b"no record\n" + lines(records[301:]) + b'{"half')
    wrapped.write_bytes(json.dumps({"value": [*records[1:150:2], *broken]}).encode())
    packed.write_bytes(gzip.compress(b"nor this\n" + lines(records[151::2])))
    batches = list(scan([tmp_path]))
    expected = {str(plain): 2, str(wrapped): 2, str(packed): 1}
    assert len(batches) > 5
    assert counted(batches) == expected, "the unfinished line is read again, and may be finished"
    again = 0
    for number in range(len(batches) + 1):
        done = batches[:number]
        positions = {each.path: each for batch in done for each in batch.positions}
        rest = list(scan([tmp_path], positions))
        again += sum(len(batch.quarantined) for batch in (*done, *rest)) > 6
        total = counted(done)
        for path, count in counted(rest).items():
            total[path] = total.get(path, 0) + count
        assert total == expected
    assert again, "nothing was read again, so nothing is proved"


def test_what_waits_for_a_position_is_bounded_and_counted_in_full(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(aside, "MOST", 10)
    waiting = Aside()
    waiting.note(Quarantined("a", offset, "broken") for offset in range(100))
    waiting.note([Quarantined("b", 5, "broken")])
    assert waiting.left_behind({"a": Position("a", 4)}) == {"a": 4}
    assert waiting.left_behind({"a": Position("a", 4)}) == {}
    assert waiting.left_behind({"a": Position("a", 0, whole=True)}) == {}
    assert waiting.left_behind({"a": Position("a", 500)}) == {"a": 96}
    assert waiting.left_behind({"b": Position("b", 5), "c": Position("c", 9)}) == {}
    assert waiting.left_behind({"b": Position("b", 6)}) == {"b": 1}
