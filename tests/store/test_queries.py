from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from risk.ledger_stories import HOUR, NOON, Life
from risktui.model.risk import Outcome, RiskLevel, RiskState, RiskyUser
from risktui.store import queries
from risktui.store.commit import Committer, Work
from risktui.store.database import async_writer, prepare, reader


def _people() -> Outcome:
    return Outcome(
        users=[
            RiskyUser(
                id=f"{name}-id",
                user_principal_name=f"{name}@contoso.com",
                risk_level=level,
                risk_state=state,
                priority=priority,
                risk_last_updated_date_time=NOON + priority,
            )
            for name, level, state, priority in (
                ("carol", RiskLevel.HIGH, RiskState.AT_RISK, 60),
                ("bob", RiskLevel.MEDIUM, RiskState.AT_RISK, 30),
                ("dave", RiskLevel.NONE, RiskState.DISMISSED, 0),
                ("erin", RiskLevel.HIGH, RiskState.CONFIRMED_COMPROMISED, 65),
            )
        ]
    )


@pytest.fixture
async def database(tmp_path: Path) -> Path:
    path = tmp_path / "x.db"
    prepare(path)
    life = Life()
    story = Outcome()
    for step in (
        life.finds("e1", RiskLevel.LOW, kind="newCountry", at=NOON),
        life.finds("e2", RiskLevel.HIGH, at=NOON + HOUR),
    ):
        story.detections += step.detections
        story.history += step.history
    connection = await async_writer(path)
    try:
        committer = Committer(connection)
        await committer.commit(Work(outcome=_people()), now=1)
        await committer.commit(Work(outcome=story), now=2)
    finally:
        await connection.close()
    return path


@pytest.fixture
def look(database: Path) -> Iterator[sqlite3.Connection]:
    with closing(reader(database)) as connection:
        yield connection


def test_people_come_in_the_order_of_their_urgency(look: sqlite3.Connection) -> None:
    names = [u.user_principal_name.split("@")[0] for u in queries.users(look)]
    assert names == ["erin", "carol", "bob", "dave"]
    assert len(queries.users(look, active_only=True)) == 3
    assert len(queries.users(look, min_level=RiskLevel.HIGH)) == 2
    assert queries.counts(look) == queries.Counts(high=2, medium=1, low=0)


def test_detections_can_be_bounded_by_level_time_and_person(look: sqlite3.Connection) -> None:
    kinds = [d.risk_event_type for d in queries.detections(look)]
    assert kinds == ["passwordSpray", "newCountry"]  # the last updated first
    assert len(queries.detections(look, min_level=RiskLevel.MEDIUM)) == 1
    assert len(queries.detections(look, since=NOON + 1)) == 1
    assert len(queries.detections(look, until=NOON + 1)) == 1
    assert queries.detections(look, user_id="nobody") == []


def test_a_detection_is_found_by_the_beginning_of_its_id_only_if_that_is_unique(
    look: sqlite3.Connection,
) -> None:
    one = queries.detections(look)[0]
    assert queries.detection(look, one.id[:10]) == one
    assert queries.detection(look, "") is None


def test_the_explanation_survives_the_database_unchanged(look: sqlite3.Connection) -> None:
    found = queries.detections(look)[0]
    life = Life()
    life.finds("e1", RiskLevel.LOW, kind="newCountry", at=NOON)
    made = life.finds("e2", RiskLevel.HIGH, at=NOON + HOUR).detections[0]
    assert msgspec.json.encode(found.explanation) == msgspec.json.encode(made.explanation)


def test_history_reads_in_the_order_it_was_written_and_a_limit_keeps_the_latest(
    look: sqlite3.Connection,
) -> None:
    steps = queries.history(look, user_id="carol-id")
    assert [s.event_types for s in steps] == [("newCountry",), ("passwordSpray",)]
    assert queries.history(look, limit=1) == steps[-1:]
