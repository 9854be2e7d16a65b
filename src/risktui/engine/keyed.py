"""Stages as functions of bytes: what an engine needs that keeps state by key and knows no rows.

An event is passed through the earlier stages one after the other, between which it may travel to
another machine by its key, and then settled by the person it concerns. Nothing is remembered but
the bytes that are handed in and out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from risktui.engine.message import Message
from risktui.engine.row import Row
from risktui.engine.stages import Pipeline
from risktui.model.risk import Outcome

Packed: TypeAlias = tuple[bytes, int]
"""A row: its bytes, and the latest event time (ms) that touched it."""


class PackedRows:
    """The rows of one call: unpacked when asked for, packed when it is over."""

    def __init__(self, known: Mapping[tuple[str, str], Packed]) -> None:
        self._known = known
        self._rows: dict[tuple[str, str], Row] = {}

    def row(self, stage: str, key: str) -> Row:
        """The row of `key`, to be changed in place."""
        found = self._rows.get((stage, key))
        if found is None:
            found = self._rows[stage, key] = Row(*self._known.get((stage, key), (None, 0)))
        return found

    def packed(self) -> dict[tuple[str, str], Packed]:
        """Every row that was asked for."""
        return {name: (row.dump(), row.last) for name, row in self._rows.items()}


def pass_stage(
    pipeline: Pipeline, stage: str, state: Packed | None, messages: Sequence[Message]
) -> tuple[Packed | None, list[list[Message]]]:
    """Take messages of one key, in order, through the earlier stage called `stage`.

    For each the message with the facts written on it comes back, and behind it what it gave rise
    to. All have the same `pipeline.key_at(stage, message)`, and one that is not "".
    """
    key = pipeline.key_at(stage, messages[0]) if messages else ""
    rows = PackedRows({(stage, key): state} if state is not None else {})
    passed = [pipeline.pass_on(stage, message, rows) for message in messages]
    return rows.packed().get((stage, key), state), passed


def settle_events(
    pipeline: Pipeline,
    states: Mapping[tuple[str, str], Packed],
    events: Iterable[Sequence[Message]],
) -> tuple[dict[tuple[str, str], Packed], list[Outcome]]:
    """Take events, each as its messages with the event itself first, through the last stage.

    `states` are the rows of the people and applications that they concern: `user`, `risk`,
    `principal` and `principal risk`. What comes back are the rows that were touched.
    """
    rows = PackedRows(states)
    outcomes = [pipeline.settle(messages, rows) for messages in events]
    return rows.packed(), outcomes
