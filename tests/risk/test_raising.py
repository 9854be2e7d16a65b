"""Findings on their way into the ledger: what is read of them, and when."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from risk.ledger_stories import NOON, Life, detector
from risktui.detect import Evidence, Finding, Suppressed, Weighing, activity_of
from risktui.detect.state import MINUTE
from risktui.model.events import SignIn
from risktui.model.risk import Outcome, RiskLevel
from risktui.risk.ledger import Ledger
from risktui.risk.raising import MAX_ACTIVITIES, Raised, raise_all
from risktui.risk.sign_ins import MAX_REPEATS, settle_sign_ins


class Telling:
    """Outlines of one person, and what has been put into words of them."""

    def __init__(self) -> None:
        self.life = Life()
        self.told: list[str] = []

    def outline(self, event: SignIn, level: RiskLevel) -> Finding | Suppressed:
        def tell() -> dict[str, Any]:
            self.told.append(event.id)
            known = event.ip_address in self.life.profile.recent("ip")
            said = f"the address is {'known' if known else 'new'}"
            evidence = (Evidence(label="address", observed=said, weight=1.0),)
            return {"headline": f"{event.id}: {said}", "evidence": evidence}

        return Weighing(level, "base").outline(tell, about=activity_of(event))

    def finds(self, event: SignIn, level: RiskLevel, *kinds: str) -> Ledger:
        """One event in which several types are found."""
        ledger = self.life.ledger()
        ledger.know(event)
        raised = []
        for kind in kinds:
            found = self.outline(event, level)
            assert isinstance(found, Finding)
            raised.append(Raised(found, detector(kind), {"id": kind}, event))
        raise_all(ledger, raised)
        return ledger


def test_what_is_found_second_speaks_of_the_person_as_before_the_first() -> None:
    telling = Telling()
    event = telling.life.event("e1", NOON)
    telling.life.profile.learn(event)
    ledger = telling.finds(event, RiskLevel.MEDIUM, "newCountry", "unlikelyTravel")
    assert event.ip_address not in telling.life.profile.recent("ip")  # unlearnt by the first
    headlines = {found.explanation.headline for found in ledger.outcome.detections}
    assert headlines == {"e1: the address is known"}


def test_a_repeat_is_put_into_words_only_where_it_is_stronger() -> None:
    telling = Telling()
    for number in range(3):
        event = telling.life.event(f"e{number}", NOON + number)
        telling.finds(event, RiskLevel.LOW, "newCountry", "unlikelyTravel")
    assert telling.told == ["e0", "e0"]
    stronger = telling.life.event("e3", NOON + 3)
    ledger = telling.finds(stronger, RiskLevel.HIGH, "newCountry")
    assert telling.told[2:] == ["e3"]
    assert ledger.outcome.detections[-1].count == 4
    assert ledger.outcome.detections[-1].explanation.headline == "e3: the address is new"


def test_types_that_repeat_in_one_event_are_handed_out_as_if_each_were_alone() -> None:
    together, alone = Telling(), Telling()
    for number in range(20):  # more than are remembered with one detection
        event = together.life.event(f"e{number}", NOON + number * MINUTE)
        kinds = ("newCountry", "unlikelyTravel", "mcasImpossibleTravel")[: 2 + (number > 6)]
        both = together.finds(event, RiskLevel.MEDIUM, *kinds).outcome
        each = [alone.finds(event, RiskLevel.MEDIUM, kind).outcome for kind in kinds]
        assert both.detections == [found for one in each for found in one.detections]
        assert both.users == [user for one in each for user in one.users]
        assert both.history == [step for one in each for step in one.history]
        assert both.sign_ins == [sign_in for one in each for sign_in in one.sign_ins]
        assert together.life.risk == alone.life.risk
        assert together.life.profile == alone.life.profile
    assert together.life.risk.entries[0].detection.count == 20
    assert len(together.life.risk.entries[0].sign_ins) == MAX_REPEATS


def test_what_has_but_come_again_leaves_its_sign_ins_as_if_all_were_looked_at_anew() -> None:
    telling, stale = Telling(), 0
    kinds = ("newCountry", "unlikelyTravel", "mcasImpossibleTravel")
    for number in range(2 * MAX_REPEATS):  # the first forget where they came again, as others go on
        event = telling.life.event(f"e{number}", NOON + number * MINUTE)
        level = RiskLevel.HIGH if number == MAX_REPEATS else RiskLevel.MEDIUM
        some = kinds[: 1 + number // 4] if number % 3 else kinds[:1]
        telling.finds(event, level, *some)
        for place in range(len(telling.life.risk.entries)):
            told = list[Outcome]()
            for again in (True, False):
                risk, outcome = deepcopy(telling.life.risk), Outcome()
                detection = risk.entries[place].detection
                detection.last_updated_date_time += MINUTE
                before = [each.detection_ids for each in risk.sign_ins.values()]
                settle_sign_ins(risk, detection, outcome, again=again)
                stale += before != [each.detection_ids for each in risk.sign_ins.values()]
                told.append(outcome)
            assert told[0].sign_ins
            assert told[0] == told[1]
    assert stale


def test_a_second_repeat_in_one_event_sees_what_the_first_has_moved() -> None:
    telling = Telling()
    telling.finds(telling.life.event("e1", NOON), RiskLevel.LOW, "newCountry", "unlikelyTravel")
    ledger = telling.finds(
        telling.life.event("e2", NOON + MINUTE), RiskLevel.LOW, "newCountry", "unlikelyTravel"
    )
    assert [user.open_detections for user in ledger.outcome.users] == [2, 2]
    entry = ledger.risk.entries[1]
    entry.detection.risk_level = RiskLevel.HIGH
    ledger.changed(entry.detection)  # somebody else has changed it in the same event
    user = ledger.repeated(ledger.risk.entries[0].detection, NOON + MINUTE, "newCountry")
    assert user.risk_level is RiskLevel.HIGH


def test_what_repeats_keeps_so_many_activities_also_where_the_first_was_made_of_more() -> None:
    telling, kept = Telling(), list[int]()
    acts = [activity_of(telling.life.event(f"e{number}", NOON + number)) for number in range(12)]
    for number in (10, 11):
        event = telling.life.event(f"e{number}", NOON + number)
        found = telling.outline(event, RiskLevel.LOW)
        assert isinstance(found, Finding)
        found.related = tuple(acts[:10])
        ledger = telling.life.ledger()
        ledger.know(event)
        raise_all(ledger, [Raised(found, detector("newCountry"), {"id": "newCountry"}, event)])
        kept.append(len(ledger.outcome.detections[-1].activities))
    assert kept == [11, MAX_ACTIVITIES]
