"""The operators without Spark: what a JVM would take a minute for, in a second."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

pytest.importorskip("pyarrow", reason="pyarrow is not installed")

from risktui.config import Config
from risktui.detect.examples import (
    HQ,
    LAGOS,
    LONDON,
    STRANGER,
    at,
    does,
    habits,
    signs_in,
)
from risktui.engine.identities import Identities
from risktui.engine.keys import KEY_OF
from risktui.engine.memory import MemoryRows, run
from risktui.engine.setup import Parts, assemble
from risktui.engine.spark import packed
from risktui.engine.spark.gate import Gate, arrivals
from risktui.engine.spark.orders import File, OrderLog
from risktui.engine.spark.packed import ADMINISTRATORS, Item
from risktui.engine.spark.people import Applications, People
from risktui.engine.spark.rows import SEPARATOR, DictBlobs
from risktui.model.events import DirectoryChange, Event, SignIn, Verdict
from risktui.model.risk import Outcome
from risktui.store import strangers

BUCKETS = 3


@pytest.fixture(scope="module")
def parts() -> Parts:
    return assemble(Config())


class Query:
    """What Spark does between the operators: carries items to buckets and keeps their state."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.memory: bytes | None = None
        self.rows, self.seen = DictBlobs(), DictBlobs()
        self.kept: dict[tuple[str, int], DictBlobs] = {}
        self.results: list[packed.Result] = []
        self.round: list[Item] = []
        self.counted = packed.Counted()

    def batch(self, items: Iterable[Item]) -> None:
        gate = Gate(self.parts, self.memory, self.rows, self.seen, BUCKETS)
        found = gate.take([*items, *self.round])
        self.memory, self.round = gate.dump(), []
        for first in (True, False):
            found = self._people(found, administrators=first)
        buckets: dict[int, list[Item]] = {}
        for to, item in found:
            bucket = to
            if isinstance(item, packed.Act):
                bucket = packed.bucket_of(KEY_OF["principal"](item.event), BUCKETS)
            buckets.setdefault(bucket, []).append(item)
        for bucket, some in sorted(buckets.items()):
            state = self.kept.setdefault(("applications", bucket), DictBlobs())
            for item in Applications(self.parts, state).take(some):
                self._sink(item)

    def _people(
        self, found: Sequence[tuple[int, Item]], *, administrators: bool
    ) -> list[tuple[int, Item]]:
        buckets: dict[int, list[Item]] = {}
        for bucket, item in found:
            carried = packed.unpack(packed.pack(item))
            buckets.setdefault(bucket, []).append(carried)
        out: list[tuple[int, Item]] = []
        for bucket, some in sorted(buckets.items()):
            if (bucket == ADMINISTRATORS) == administrators:
                state = self.kept.setdefault((f"people {administrators}", bucket), DictBlobs())
                out += People(self.parts, state, bucket).take(some)
            else:
                out += [(bucket, item) for item in some]
        return out

    def _sink(self, item: Item) -> None:
        match item:
            case packed.Result():
                self.results.append(item)
            case packed.Give() | packed.Tell() | packed.Known():
                self.round.append(item)
            case packed.Counted():
                self.counted = item

    def outcome(self) -> Outcome:
        total = Outcome()
        for result in sorted(self.results, key=lambda r: (r.number, r.place, r.who)):
            for field in Outcome.__struct_fields__:
                getattr(total, field).extend(getattr(result.outcome, field))
        return total


def sign_in(number: int, who: str, when: str, **more: object) -> SignIn:
    return SignIn(
        time=at(when),
        id=f"sign-in-{number}",
        source="test",
        tenant_id="t",
        user_id=f"id-{who}",
        user_principal_name=f"{who}@contoso.com",
        ip_address=f"203.0.113.{number % 200}",
        result="success",
        **more,  # type: ignore[arg-type]
    )


def test_events_wait_for_their_time_and_go_in_order(parts: Parts) -> None:
    events = [sign_in(n, "alice", f"2026-03-02 09:{n:02d}") for n in range(40)]
    shuffled = list(events)
    random.Random(3).shuffle(shuffled)
    query = Query(parts)
    query.batch([*arrivals(shuffled[:20]), packed.Until(1, events[10].time)])
    seen = {event.id for event in shuffled[:20] if event.time < events[10].time}
    assert query.counted.events == len(seen)
    assert query.counted.waiting == 20 - len(seen)
    query.batch([*arrivals(shuffled[20:]), packed.Until(2, None)])
    assert query.counted.waiting == 0


def test_a_record_that_comes_again_counts_once_in_whatever_batch(parts: Parts) -> None:
    query, event = Query(parts), sign_in(1, "alice", "2026-03-02 09:00")
    query.batch([*arrivals([event, msgspec.structs.replace(event)]), packed.Until(1, None)])
    assert (query.counted.events, query.counted.duplicates) == (1, 1)
    query.batch([*arrivals([msgspec.structs.replace(event)]), packed.Until(2, None)])
    assert (query.counted.events, query.counted.duplicates) == (0, 1)


def test_of_what_somebody_makes_up_the_latest_stay_and_everybody_else(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strangers, "KEEP_UNKNOWN", 8)
    query = Query(parts)
    tries = [
        sign_in(n, f"alice{n}", f"2026-03-02 09:{n:02d}", error_code=50034, credentials="unknown")
        for n in range(40)
    ]
    for each in tries:
        each.user_id, each.result = "", "failure"
    real = sign_in(199, "bob", "2026-03-02 08:00", credentials="ok")
    query.batch([*arrivals([real, *tries]), packed.Until(1, None)])
    addresses = [name.partition(SEPARATOR) for name in query.rows.kept]
    kept = {address for stage, _, address in addresses if stage == "ip"}
    assert kept == {real.ip_address, *(each.ip_address for each in tries[-8:])}
    assert _names_of(query) == {"id-bob", *(each.user_principal_name for each in tries)}
    query.batch([*arrivals([sign_in(1, "bob", "2026-03-20 09:00")]), packed.Until(2, None)])
    assert _names_of(query) == {"id-bob"}


def _names_of(query: Query) -> set[str]:
    names = [name.partition(SEPARATOR) for kept in query.kept.values() for name in kept.kept]
    return {user for stage, _, user in names if stage == "user"}


def test_the_examples_of_all_detectors_come_to_the_same(parts: Parts) -> None:
    """In two batches each, with everything packed in between."""
    different = []
    for detector in parts.catalogue.detectors:
        for example in detector.examples:
            events = sorted(_copies(example.events), key=lambda event: event.order)
            for event in events:
                event.tenant_id = event.tenant_id or "t"
            query = Query(parts)
            half = len(events) // 2
            query.batch([*arrivals(_copies(events[:half])), packed.Until(1, None)])
            query.batch([*arrivals(_copies(events[half:])), packed.Until(2, None)])
            while query.round:
                query.batch([packed.Until(3, None)])
            if _ids(query.outcome()) != _ids(_alone(parts, events)):
                different.append(f"{detector.risk_event_type}: {example.name}")
    assert different == []


def _copies(events: Iterable[Event]) -> list[Event]:
    return [msgspec.structs.replace(event) for event in events]


def _alone(parts: Parts, events: Sequence[Event]) -> Outcome:
    """What the pipeline makes of it, in one place and one go."""
    rows = MemoryRows()
    names = Identities(rows)
    known = _copies(events)
    for event in known:
        names.recognise(event)
    return run(parts.pipeline, known, rows)


def _ids(outcome: Outcome) -> list[tuple[str, str, str]]:
    found = [*outcome.detections, *outcome.principal_detections]
    return sorted({(d.id, d.user_id, d.risk_event_type) for d in found})


def test_an_administrator_moves_in_with_the_others_before_changing_anybody(parts: Parts) -> None:
    query = Query(parts)
    query.batch([*arrivals([sign_in(1, "alice", "2026-03-02 09:00")]), packed.Until(1, None)])
    change = DirectoryChange(
        time=at("2026-03-02 10:00"),
        id="change-1",
        source="test",
        tenant_id="t",
        user_id="id-alice",
        user_principal_name="alice@contoso.com",
        operation="Add member to role",
        target_ids=("id-bob",),
        target_types=("User",),
    )
    query.batch([*arrivals([change]), packed.Until(2, None)])
    assert query.counted.waiting == 1  # for the rows, which are on their way
    query.batch([packed.Until(3, None)])
    assert query.counted.waiting == 0
    rows = query.kept["people True", ADMINISTRATORS]
    assert any(key.endswith("id-alice") for key in rows.kept)


def federation_changed_at_risk() -> list[Event]:
    """Erin comes from an anonymiser, changes federation, and somebody forges a token."""
    token: dict[str, Any] = {
        "token_issuer_type": "ADFederationServices",
        "incoming_token_type": "saml20",
    }
    usual = token | {"token_issuer_name": "http://sts.contoso.com/adfs/services/trust"}
    events: list[Event] = [
        signs_in(f"p{n}", HQ, f"2026-02-{day:02} 09:0{n}", **usual)
        for day in range(1, 29)
        for n in range(7)
    ]
    events += habits("erin", HQ)
    for when in ("2026-02-10 10:00", "2026-03-02 09:00"):
        names = {"operation": "Set federation settings on domain", "target_names": ("contoso.com",)}
        events.append(does(DirectoryChange, "erin", HQ, when, STRANGER, **names))
    network = msgspec.structs.replace(LONDON.network, tags=("vpn",), asn=64521)
    vpn = msgspec.structs.replace(LONDON, network=network, ip_address="192.0.2.55")
    events.append(signs_in("erin", vpn, "2026-03-02 06:00"))
    forged = token | {"token_issuer_name": "http://evil/adfs/services/trust"}
    events.append(signs_in("p1", LAGOS, "2026-03-02 15:00", STRANGER, **forged))
    return sorted(events, key=lambda event: event.order)


def test_who_changes_federation_at_risk_is_known_as_in_one_process(parts: Parts) -> None:
    events = federation_changed_at_risk()
    query = Query(parts)
    query.batch([*arrivals(_copies(events)), packed.Until(1, None)])
    assert query.counted.waiting > 0  # for what erin was like, at her first change
    batches = 0
    while query.round:
        query.batch([])
        batches += 1
    assert (batches, query.counted.waiting) == (2, 0)  # no more than there are changes
    one, other = (_of_the_issuer(o) for o in (query.outcome(), _alone(parts, events)))
    assert "erin@contoso.com, whose account was at risk since" in one
    assert one == other


def _of_the_issuer(outcome: Outcome) -> str:
    (found,) = [d for d in outcome.detections if d.risk_event_type == "tokenIssuerAnomaly"]
    return msgspec.json.encode(found).decode()


def test_where_nothing_goes_round_nobody_is_waited_for(parts: Parts) -> None:
    events = federation_changed_at_risk()
    rows, seen = DictBlobs(), DictBlobs()
    gate = Gate(parts, None, rows, seen, BUCKETS, goes_round=False)
    found = gate.take([*arrivals(_copies(events)), packed.Until(1, None)])
    assert not [item for _, item in found if isinstance(item, packed.Ask)]
    (counted,) = [item for _, item in found if isinstance(item, packed.Counted)]
    assert (counted.events, counted.waiting) == (len(events), 0)


def test_a_verdict_is_heard_before_what_comes_later_and_answered(parts: Parts) -> None:
    query = Query(parts)
    people = [detector for detector in parts.catalogue.detectors if detector.key == "user"]
    example = next(e for d in people for e in d.examples if e.fires)
    query.batch([*arrivals(_copies(example.events)), packed.Until(1, None)])
    found = query.outcome().detections[-1]
    verdict = Verdict(
        time=found.activity_date_time + 1,
        id="verdict-1",
        source="operator",
        tenant_id=found.tenant_id,
        user_id=found.user_id,
        user_principal_name=found.user_principal_name,
        action="confirmCompromised",
        detection_id=found.id,
        author="carol",
        author_kind="operator",
    )
    query.batch([packed.Decide(2, verdict)])
    (heard,) = [result for result in query.results if result.verdict is not None]
    assert [answer.accepted for answer in heard.outcome.verdicts] == [True]
    assert heard.outcome.detections[0].risk_state == "confirmedCompromised"


def test_an_order_log_tells_every_file_once_and_goes_on_after_a_restart(tmp_path: Path) -> None:
    log = OrderLog(tmp_path / "orders")
    log.write([File("/a.json", 10, 1, "log", 0), packed.Until(log.next_number(), 5)])
    assert log.write([packed.Until(9, None)], "after-000000000001")
    again = OrderLog(tmp_path / "orders")
    assert not again.write([packed.Until(9, None)], "after-000000000001")
    assert again.named() == {"/a.json": (10, 1)}
    assert again.next_number() > 1
    times = [path.stat().st_mtime for path in sorted((tmp_path / "orders").glob("*.json"))]
    assert len(set(times)) == len(times)
