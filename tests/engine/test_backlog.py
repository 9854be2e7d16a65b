"""How much of what lay there has been read."""

from __future__ import annotations

from pathlib import Path

from risktui.engine.backlog import AT_ONCE, Backlog, parts
from risktui.logs.batch import Batch, Position
from risktui.model.events import Event, SignIn


def test_what_was_read_before_and_now_counts_and_what_was_written_since_is_not_too_much(
    tmp_path: Path,
) -> None:
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    one.write_bytes(b"x" * 300)
    two.write_bytes(b"x" * 100)
    backlog = Backlog([tmp_path], {str(two): Position(str(two), 100)})
    assert (backlog.files, backlog.share) == (2, 0.25)
    backlog.take(Batch(positions=[Position(str(one), 150)]))
    assert backlog.share == 0.625
    backlog.take(Batch(positions=[Position(str(one), 800)]))
    assert backlog.share == 1.0


def test_where_nothing_lies_there_is_nothing_to_wait_for(tmp_path: Path) -> None:
    assert Backlog([tmp_path], {}).share == 1.0


def test_a_large_batch_comes_in_pieces_and_only_the_last_says_how_far_the_files_are_taken() -> None:
    events: list[Event] = [SignIn(time=number, id=str(number)) for number in range(2 * AT_ONCE + 1)]
    origins = [("one.json", number) for number in range(len(events))]
    whole = Batch(events, origins, positions=[Position("one.json", 9)], caught_up=True)
    pieces = list(parts(whole))
    assert [event for piece in pieces for event in piece.events] == events
    assert [origin for piece in pieces for origin in piece.origins] == origins
    assert [bool(piece.positions) for piece in pieces] == [False, False, True]
    assert [piece.caught_up for piece in pieces] == [False, False, True]
