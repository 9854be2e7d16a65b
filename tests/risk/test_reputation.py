from __future__ import annotations

import msgspec

from risk.ledger_stories import HOUR, NOON, Life
from risktui.model.events import Network, Verdict
from risktui.model.risk import CounterEvidence, Detection
from risktui.risk.feedback import REPUTATION_FOR
from risktui.risk.reputation import Reputations

VERDICT = Verdict(time=NOON + HOUR, id="v1", action="confirmCompromised", detection_id="d")


def _judged(**network: object) -> Detection:
    life = Life()
    life.risky_sign_in("s-1", network=Network(prefix="203.0.113.0/24", **network))  # type: ignore[arg-type]
    return life.open()[0]


def test_what_signs_in_from_there_within_a_week_is_tagged_as_if_it_stood_on_a_list() -> None:
    known = Reputations([])
    known.add(VERDICT, _judged())
    life = Life()
    event = life.event("s-2", NOON + REPUTATION_FOR)
    known.tag(event)
    assert event.network.tags == ("bad",)
    assert event.network.feeds == ("confirmed compromised@v1",)
    late = life.event("s-3", NOON + REPUTATION_FOR + 1)
    known.tag(late)
    elsewhere = life.event("s-4", NOON, ip_address="192.0.2.1")
    known.tag(elsewhere)
    assert (late.network.tags, elsewhere.network.tags) == ((), ())


def test_taken_back_it_is_forgotten() -> None:
    known = Reputations([])
    known.add(VERDICT, _judged())
    assert [gone.ip_address for gone in known.withdraw("v1")] == ["203.0.113.7"]
    event = Life().event("s-2", NOON)
    known.tag(event)
    assert event.network.tags == ()


def test_an_address_of_the_organisation_itself_is_never_bad() -> None:
    known = Reputations([])
    assert known.add(VERDICT, _judged(trusted=True)) is None
    shared = _judged()
    why = CounterEvidence(rule="M4", label="shared egress", applied=True)
    shared.explanation = msgspec.structs.replace(shared.explanation, counter_evidence=(why,))
    assert known.add(VERDICT, shared) is None


def test_other_tags_of_the_network_stay_with_their_lists() -> None:
    known = Reputations([])
    known.add(VERDICT, _judged())
    event = Life().event("s-2", NOON, network=Network(tags=("tor",), feeds=("exits@1",)))
    known.tag(event)
    assert event.network.tags == ("bad", "tor")
    assert event.network.feeds == ("confirmed compromised@v1", "exits@1")
