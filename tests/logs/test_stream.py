"""How far one read looks: reserved space and holes do not hold up the rest."""

from __future__ import annotations

import os
from pathlib import Path

from logs.written_logs import ids, lines, story
from risktui.logs.order import scan
from risktui.logs.stream import LOOK_AHEAD, PIECE, Stream

ZEROS = b"\0" * LOOK_AHEAD


def test_a_hole_of_a_terabyte_is_seen_through_at_once(tmp_path: Path) -> None:
    log = tmp_path / "x.json"
    log.touch()
    os.truncate(log, 10**12)
    stream = Stream(log)
    assert (stream.read(), stream.looking) == (b"", False)


def test_zeros_on_disk_are_looked_through_in_steps(tmp_path: Path) -> None:
    log = tmp_path / "x.json"
    log.write_bytes(ZEROS + ZEROS + b"{}")
    stream = Stream(log)
    looks = 1
    while not (text := stream.read()):
        assert stream.looking
        looks += 1
    assert (looks, len(text)) == (2, PIECE)


def test_what_stands_behind_many_zeros_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(lines(story(1, 1)) + ZEROS * 2 + lines(story(2, 2)))
    assert ids(scan([tmp_path])) == ["s00001", "s00002"]


def test_reserved_space_that_was_looked_at_may_still_be_filled(tmp_path: Path) -> None:
    log = tmp_path / "x.json"
    log.write_bytes(ZEROS + ZEROS)
    stream = Stream(log)
    while stream.read() or stream.looking:
        pass
    with log.open("r+b") as file:
        file.seek(3)
        file.write(b"{}")
    assert stream.read() == b"\0\0\0{}"
