"""The order in which a person's detections are told."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import msgspec

from risktui.console import reading
from risktui.store.database import reader


async def test_what_was_seen_comes_before_the_decision_on_it_whatever_its_id(
    database: Path,
) -> None:
    with closing(reader(database)) as connection:
        told = reading.story("carol")(connection)
    assert told is not None
    seen = told.detections[0]
    for number in ("", "~"):  # before and behind every other id
        decision = msgspec.structs.replace(
            seen, id=number, risk_event_type="adminConfirmedUserCompromised"
        )
        listed = sorted([decision, seen], key=reading.most_urgent_first)
        assert listed == [seen, decision]
