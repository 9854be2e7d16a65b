"""The order in which a person's detections are told."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from console.playing import NOW
from risktui.console import reading
from risktui.model.risk import Detection
from risktui.store.database import reader, writer
from risktui.store.search import Search, parse


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


@pytest.mark.parametrize("text", ["until:2000d", "-since:2000d", "until:2021-01-01 spray"])
async def test_what_is_long_ago_is_found_however_much_was_detected_since(
    database: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(reading, "SCANNED", 3)
    old = 1_600_000_000_000
    with closing(writer(database)) as connection:
        ((id_, blob),) = connection.execute(
            "SELECT id, detection FROM detections WHERE risk_event_type = 'passwordSpray' LIMIT 1"
        )
        found = msgspec.json.decode(blob, type=Detection)
        found = msgspec.structs.replace(found, activity_date_time=old)
        connection.execute(
            "UPDATE detections SET activity_date_time = ?, last_updated_date_time = ?,"
            " detected_date_time = ?, detection = ? WHERE id = ?",
            (old, old, old, msgspec.json.encode(found), id_),
        )
    with closing(reader(database)) as connection:
        lists = reading.lists(parse(text), NOW)(connection)
        assert not reading.lists(parse(f"{text} since:2020-12-01"), NOW)(connection).detections
        assert len(reading.lists(Search(), NOW)(connection).detections) > 3
    assert [one.id for one in lists.detections] == [id_]
    assert lists.complete
