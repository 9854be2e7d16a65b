"""The state of one key: parts that observers left there, some of them long ago."""

from __future__ import annotations

import logging

import pytest

from risktui.detect import KeyedState
from risktui.engine.row import Row, begun_anew


class Counted(KeyedState):
    """What an observer used to remember."""

    times: int = 0


class Named(KeyedState):
    """What it remembers since somebody has changed its mind, and not its version."""

    names: list[str] = []


def test_a_state_of_another_shape_begins_anew_and_is_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    row = Row()
    row.part("mine@1", Counted).times = 3
    row.part("theirs@1", Counted).times = 4
    packed = row.dump()
    begun_anew()  # whoever did before, in this process
    with caplog.at_level(logging.ERROR):
        for _ in range(2):
            again = Row(packed)
            assert again.part("mine@1", Named).names == []
            assert again.part("theirs@1", Counted).times == 4
    (line,) = (record.getMessage() for record in caplog.records)
    assert line.startswith("mine@1: what it remembers has another shape")
    assert "raise its version" in line
    assert [anew.part for anew in begun_anew()] == ["mine@1"]


def test_whoever_is_joined_keeps_the_same_before_and_after_a_restart() -> None:
    theirs = Row()
    theirs.part("theirs@1", Counted).times = 4
    mine = Row()
    mine.part("mine@1", Counted).times = 1
    mine.part("theirs@1", Counted).last = 7  # looked at, and nothing happened to it
    again = Row(mine.dump(), mine.last)
    for row in (mine, again):
        row.adopt(Row(theirs.dump(), theirs.last))
    assert mine.dump() == again.dump()
    assert mine.part("theirs@1", Counted).times == 4
