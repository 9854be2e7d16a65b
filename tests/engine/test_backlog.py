"""How much of what lay there has been read."""

from __future__ import annotations

from pathlib import Path

from risktui.engine.backlog import Backlog
from risktui.logs.batch import Batch, Position


def test_what_was_read_before_and_now_counts_and_what_was_written_since_is_not_too_much(
    tmp_path: Path,
) -> None:
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    one.write_bytes(b"x" * 300)
    two.write_bytes(b"x" * 100)
    backlog = Backlog([tmp_path], {str(two): Position(str(two), 100)})
    assert backlog.share == 0.25
    backlog.take(Batch(positions=[Position(str(one), 150)]))
    assert backlog.share == 0.625
    backlog.take(Batch(positions=[Position(str(one), 800)]))
    assert backlog.share == 1.0


def test_where_nothing_lies_there_is_nothing_to_wait_for(tmp_path: Path) -> None:
    assert Backlog([tmp_path], {}).share == 1.0
