"""Verdicts in a real engine: who may, what others at the address hear, and days that pass."""

from __future__ import annotations

import asyncio
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.tenant import HOME, TOR, contents
from risktui.config import Config, Intel, Tenant
from risktui.detect import AccountChange, Network, SignIn
from risktui.detect.examples import LONDON, Place, signs_in
from risktui.detect.state import DAY, HOUR
from risktui.engine.local import VERDICTS_AT_ONCE, LocalEngine
from risktui.engine.setup import Parts, assemble
from risktui.logs.batch import Batch
from risktui.model.events import Event
from risktui.model.risk import Detection, RiskyUser
from risktui.settings import People
from risktui.store import audit, people, queries, verdicts
from risktui.store.database import reader, writer

MORNING = round(datetime(2026, 3, 2, 9, tzinfo=UTC).timestamp() * 1000)


@pytest.fixture
def parts(tmp_path: Path) -> Parts:
    (tmp_path / "tor.txt").write_text(TOR + "\n")
    return assemble(Config(intel=[Intel(path=str(tmp_path / "tor.txt"), tag="tor")]))


def _tor(who: str, at: int = MORNING) -> SignIn:
    return signs_in(who, Place(TOR, LONDON.location, Network()), at)


async def _lives(database: Path, parts: Parts, *events: Event) -> None:
    async with await LocalEngine.open(database, parts) as engine:
        await engine.take(Batch(events=list(events)), commit=True)


async def _judges(database: Path, parts: Parts, *requests: verdicts.Request) -> list[str]:
    with closing(writer(database)) as connection:
        ids = verdicts.append(connection, list(requests))
    async with await LocalEngine.open(database, parts) as engine:
        await engine.apply_verdicts()
    with closing(reader(database)) as connection:
        found = verdicts.answers(connection, ids)
    return [found[verdict_id].message for verdict_id in ids]


def _request(user: str, action: verdicts.Action, **fields: Any) -> verdicts.Request:
    return verdicts.Request(
        action=action, user_id=user, time=MORNING + HOUR, **{"author": "erin", **fields}
    )


def _user(database: Path, name: str) -> RiskyUser:
    with closing(reader(database)) as connection:
        (found,) = queries.find_people(connection, name)
        return found


def _detection(database: Path, user: str) -> Detection:
    with closing(reader(database)) as connection:
        return queries.detections(connection, user_id=user)[0]


async def test_a_compromise_confirmed_at_an_address_is_heard_by_others_there_and_undone(
    tmp_path: Path, parts: Parts
) -> None:
    database = tmp_path / "x.db"
    await _lives(database, parts, _tor("alice"), _tor("bob", MORNING + 60_000))
    alice, bob = _user(database, "alice"), _user(database, "bob")
    before = _detection(database, bob.id)
    judged = _detection(database, alice.id).id
    await _judges(database, parts, _request(alice.id, "confirmCompromised", detection_id=judged))
    raised = _detection(database, bob.id)
    assert raised.risk_level.rank == before.risk_level.rank + 1
    assert raised.explanation.counter_evidence[-1].rule == "reputation"
    with closing(reader(database)) as connection:
        rows = connection.execute("SELECT ip_address, until - since FROM reputations").fetchall()
    assert rows == [(TOR, 7 * DAY)]
    await _judges(database, parts, _request(alice.id, "undo", detection_id=judged))
    restored = _detection(database, bob.id)
    assert restored.risk_level is before.risk_level
    assert restored.explanation == before.explanation
    with closing(reader(database)) as connection:
        assert connection.execute("SELECT count(*) FROM reputations").fetchone() == (0,)


async def test_what_is_confirmed_and_undone_before_an_engine_starts_is_said_of_no_address(
    tmp_path: Path, parts: Parts
) -> None:
    database = tmp_path / "x.db"
    await _lives(database, parts, _tor("alice"))
    alice = _user(database, "alice").id
    judged = _detection(database, alice).id
    requests = [
        _request(alice, "confirmCompromised", detection_id=judged),
        _request(alice, "undo", detection_id=judged),
    ]
    await _judges(database, parts, *requests)
    with closing(reader(database)) as connection:
        assert connection.execute("SELECT count(*) FROM reputations").fetchone() == (0,)


async def test_who_is_found_while_a_decision_is_on_its_way_hears_of_it(
    tmp_path: Path, parts: Parts
) -> None:
    database = tmp_path / "x.db"
    await _lives(database, parts, _tor("alice"))
    alice = _user(database, "alice")
    judged = _detection(database, alice.id).id
    with closing(writer(database)) as connection:
        verdicts.append(connection, [_request(alice.id, "confirmCompromised", detection_id=judged)])
    async with await LocalEngine.open(database, parts) as engine:
        holder = writer(database)
        holder.execute("BEGIN IMMEDIATE")  # what the engine writes now waits
        await engine.take(Batch(events=[_tor("bob", MORNING + 60_000)]), commit=False)
        await engine._hand_over()
        deciding = asyncio.create_task(engine.apply_verdicts())
        while not engine._hearing.reputations.known:  # noqa: ASYNC110  # no event tells of it
            await asyncio.sleep(0.001)
        holder.execute("ROLLBACK")
        holder.close()
        await deciding
    bob = _user(database, "bob")
    assert _detection(database, bob.id).explanation.counter_evidence[-1].rule == "reputation"


async def test_the_engine_refuses_a_viewers_verdict_however_it_came_there(
    tmp_path: Path, parts: Parts
) -> None:
    database = tmp_path / "x.db"
    await _lives(database, parts, _tor("alice"))
    strict = msgspec.structs.replace(parts, people=People(viewers=["erin"], operators=["dave"]))
    alice = _user(database, "alice")
    said = await _judges(
        database,
        strict,
        _request(alice.id, "dismiss"),
        _request(alice.id, "dismiss", author="mallory"),
        _request(alice.id, "dismiss", author="dave"),
    )
    assert "erin is a viewer and cannot judge" in said[0]
    assert "mallory is not among [people]" in said[1]
    assert "dismissed" in said[2]
    with closing(reader(database)) as connection:
        results = [written.line.result.split(":")[0] for written in audit.read(connection)]
        assert audit.verify(connection) is None
    assert results == ["refused", "refused", "done"]


async def test_many_verdicts_are_applied_in_batches_between_which_logs_go_on(
    tmp_path: Path, parts: Parts
) -> None:
    database = tmp_path / "x.db"
    count = VERDICTS_AT_ONCE + 20
    await _lives(database, parts, *(_tor(f"user{n}", MORNING + n) for n in range(count)))
    with closing(reader(database)) as connection:
        at_risk = [user.id for user in queries.users(connection, active_only=True)]
    requests = [_request(user, "dismiss") for user in at_risk]
    assert len(await _judges(database, parts, *requests)) == count
    with closing(reader(database)) as connection:
        assert queries.users(connection, active_only=True) == []
        assert audit.verify(connection) is None
        assert len(audit.read(connection)) == count


async def test_everybody_the_logs_name_is_in_the_directory_once_with_their_latest_name(
    tmp_path: Path, parts: Parts
) -> None:
    database = tmp_path / "x.db"
    home = Place(HOME, LONDON.location, Network())
    await _lives(database, parts, signs_in("alice", home, MORNING))
    later = signs_in("alice", home, MORNING + HOUR)
    later.user_display_name = "Alice Married"
    await _lives(database, parts, later, signs_in("bob", home, MORNING + 2 * HOUR))
    with closing(reader(database)) as connection:
        (known,) = people.find(connection, later.user_principal_name)
        assert known.user_display_name == "Alice Married"
        assert connection.execute("SELECT count(*) FROM people").fetchone() == (2,)


async def test_low_risk_ages_out_when_event_time_has_passed_whoever_it_passes_for(
    tmp_path: Path,
) -> None:
    (tmp_path / "tor.txt").write_text(TOR + "\n")
    config = Config(
        intel=[Intel(path=str(tmp_path / "tor.txt"), tag="tor")],
        tenant=Tenant(licence="p2"),
    )
    parts = assemble(config)
    short = msgspec.structs.replace(parts.rules, low_days=20)
    parts = Parts(
        parts.catalogue, type(parts.pipeline)(parts.catalogue, short), parts.enricher, rules=short
    )
    home = Place(HOME, LONDON.location, Network())
    low = _tor("alice")
    low.mfa = "fresh"  # one level less
    events = [low, *(signs_in("bob", home, MORNING + day * DAY) for day in range(1, 23))]
    whole, parted = tmp_path / "whole.db", tmp_path / "parted.db"
    await _lives(whole, parts, *events)
    for event in events:
        again = msgspec.msgpack.decode(msgspec.msgpack.encode(event), type=type(event))
        await _lives(parted, parts, again)
    alice = _user(whole, "alice")
    with closing(reader(whole)) as connection:
        steps = queries.history(connection, user_id=alice.id)
    if steps[0].risk_level == "low":
        assert steps[-1].risk_detail == "x_agedOut"
        assert steps[-1].time == (MORNING + 21 * DAY) // DAY * DAY
    assert contents(whole) == contents(parted)


async def test_one_event_from_the_far_future_ages_nobody(tmp_path: Path, parts: Parts) -> None:
    database = tmp_path / "x.db"
    home = Place(HOME, LONDON.location, Network())
    gone = AccountChange(
        time=MORNING + HOUR, id="gone", user_id=_tor("alice").user_id, what="deleted"
    )
    lost = signs_in("bob", home, MORNING + 9_000 * DAY)
    await _lives(database, parts, _tor("alice"), gone, lost)
    assert _user(database, "alice").risk_state == "atRisk"
    certain = [signs_in("bob", home, MORNING + 40 * DAY + n) for n in range(5)]
    await _lives(tmp_path / "y.db", parts, _tor("alice"), gone, *certain)
    assert _user(tmp_path / "y.db", "alice").risk_detail == "x_accountDeleted"
