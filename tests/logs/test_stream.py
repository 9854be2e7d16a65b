"""How far one read looks: reserved space and holes do not hold up the rest."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from logs.written_logs import ids, lines, story
from risktui.logs.containers import Splitter
from risktui.logs.order import scan
from risktui.logs.source import Source
from risktui.logs.stream import CHUNK, LOOK_AHEAD, PIECE, ExchangedError, Stream

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


def test_a_piece_is_read_in_chunks_and_is_no_longer_than_was_asked_for(tmp_path: Path) -> None:
    log = tmp_path / "x.json"
    log.write_bytes(lines(story(1, 4 * PIECE // 800)))
    source, whole, names = Source(log), Splitter(str(log)), []
    expected = [record.offset for record in whole.feed(log.read_bytes())]
    assert log.stat().st_size > 2 * PIECE
    pieces = 0
    while not source.at_end:
        before = source.taken
        names += [record.offset for record in source.read()]
        assert source.taken - before <= PIECE
        pieces += 1
    assert names == expected
    assert pieces <= log.stat().st_size // PIECE + 2  # the last one finds the end


def test_a_file_that_is_exchanged_between_two_chunks_is_told_of(tmp_path: Path) -> None:
    log = tmp_path / "x.json"
    log.write_bytes(lines(story(1, PIECE // 200)))
    source = Source(log)
    found = source.read(CHUNK + 1)
    (tmp_path / "y.json").write_bytes(log.read_bytes().upper())
    (tmp_path / "y.json").replace(log)
    with pytest.raises(ExchangedError):
        source.read()
    assert found
