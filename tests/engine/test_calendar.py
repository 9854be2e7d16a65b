"""Whose risk may be old when a day begins, however much of it is written already."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import msgspec

from risktui.detect.state import DAY
from risktui.engine.calendar import Calendar
from risktui.model.risk import (
    Detection,
    Explanation,
    LevelAlgebra,
    Outcome,
    RiskLevel,
    RiskState,
    RiskyUser,
)
from risktui.risk.rules import Rules
from risktui.store.commit import Committer, Work
from risktui.store.database import async_writer, prepare, reader

BEGIN = 20_500 * DAY


def low(who: str) -> Detection:
    level = LevelAlgebra(base=RiskLevel.LOW, final=RiskLevel.LOW)
    return Detection(
        id=f"of {who}",
        risk_event_type="newCountry",
        risk_level=RiskLevel.LOW,
        activity_date_time=BEGIN,
        detected_date_time=BEGIN,
        last_updated_date_time=BEGIN,
        user_id=who,
        explanation=Explanation(headline="x", level=level),
    )


def gone(who: str) -> RiskyUser:
    return RiskyUser(id=who, is_deleted=True, risk_state=RiskState.AT_RISK)


async def test_what_is_being_written_is_passed_over_in_the_database(tmp_path: Path) -> None:
    prepare(tmp_path / "x.db")
    before = Outcome(detections=[low("alice"), low("bob")], users=[gone("carol"), gone("dave")])
    connection = await async_writer(tmp_path / "x.db")
    await Committer(connection).commit(Work(outcome=before), BEGIN)
    await connection.close()
    closed = {"risk_state": RiskState.DISMISSED}
    later = Outcome(
        detections=[msgspec.structs.replace(low("alice"), **closed), low("erin")],
        users=[msgspec.structs.replace(gone("carol"), **closed), gone("fay")],
    )
    rules = Rules()
    with closing(reader(tmp_path / "x.db")) as database:
        time = BEGIN + (rules.low_days + 1) * DAY
        day = Calendar(database, time - DAY).turn(time, rules, [later])
        assert day is not None
        assert [passed.user_id for passed in day.events()] == ["bob", "dave", "erin", "fay"]
