"""Detections that belong together."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import msgspec

from risktui.model.events import Activity, Client, Network
from risktui.model.risk import Detection, Explanation, LevelAlgebra, Outcome, RiskLevel
from risktui.store.commit import Committer, Work
from risktui.store.database import async_writer, prepare, reader
from risktui.store.related import related, shared


def found(user: str, ip: str, prefix: str, **more: object) -> Detection:
    why = Explanation(headline="", level=LevelAlgebra(base=RiskLevel.LOW, final=RiskLevel.LOW))
    network = Network(prefix=prefix, asn=64500)
    one = Detection(
        id=f"{user}-{ip}",
        risk_event_type="passwordSpray",
        risk_level=RiskLevel.LOW,
        ip_address=ip,
        client=Client(user_agent="python-requests/2.32"),
        activity_date_time=1,
        detected_date_time=1,
        last_updated_date_time=1,
        user_id=user,
        activities=(Activity(time=1, id="1", network=network),),
        explanation=why,
    )
    return msgspec.structs.replace(one, **more)


CAROL = found("carol", "203.0.113.9", "203.0.113.0/24", session_id="s")


def test_the_strongest_tie_is_named() -> None:
    near, far = "203.0.113.0/24", "198.51.100.0/24"
    assert shared(CAROL, found("erin", "203.0.113.9", near)) == "address"
    assert shared(CAROL, found("erin", "198.51.100.1", far, session_id="s")) == "session"
    assert shared(CAROL, found("erin", "203.0.113.10", near)) == "network"
    assert shared(CAROL, found("erin", "198.51.100.1", far)) == "campaign"
    other = found("erin", "198.51.100.1", far, risk_event_type="newCountry")
    assert shared(CAROL, other) == "browser"
    assert shared(CAROL, found("carol", "198.51.100.1", far)) == "person"


def test_strangers_have_nothing_in_common() -> None:
    other = found("erin", "", "", risk_event_type="newCountry", client=Client(), activities=())
    assert shared(CAROL, other) is None


async def test_the_decision_on_a_person_comes_behind_what_was_seen_whatever_its_id(
    tmp_path: Path,
) -> None:
    prepare(tmp_path / "x.db")
    seen = found("carol", "198.51.100.1", "198.51.100.0/24")
    kind = "adminConfirmedUserCompromised"
    first, last = (msgspec.structs.replace(seen, id=i, risk_event_type=kind) for i in "!~")
    connection = await async_writer(tmp_path / "x.db")
    await Committer(connection).commit(
        Work(outcome=Outcome(detections=[CAROL, first, last, seen])), 1
    )
    await connection.close()
    with closing(reader(tmp_path / "x.db")) as reading:
        assert [r.detection.id for r in related(reading, CAROL)] == [seen.id, "!", "~"]
