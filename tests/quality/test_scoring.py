from __future__ import annotations

import msgspec
import pytest

from quality.report import summary, table
from quality.running import Findings
from quality.scoring import score
from risktui.model.risk import Detection, Explanation, LevelAlgebra, RiskLevel, Suppression
from simulator.company import DAY, HOUR, Person
from simulator.tenant import Tenant, simulate
from simulator.truth import Truth

TYPE = "newCountry"


@pytest.fixture(scope="module")
def empty() -> Tenant:
    """Two people who do nothing for ten days."""
    tenant = simulate(3, people=30, days=2, density=0)
    return Tenant(tenant.company, [], [])


def attack(tenant: Tenant, *, must: str = "", may: str = "", highest: str = "high") -> Truth:
    person = tenant.company.people[1]
    must_fire, may_fire = (frozenset(filter(None, [name])) for name in (must, may))
    start = tenant.company.first_ms
    return Truth("attack", person, must_fire, may_fire, start, start + HOUR, highest=highest)


def found(person: Person, time: int, level: RiskLevel = RiskLevel.MEDIUM) -> Detection:
    return Detection(
        id=f"{person.id} {time}",
        risk_event_type=TYPE,
        risk_level=level,
        activity_date_time=time,
        detected_date_time=time,
        last_updated_date_time=time,
        user_id=person.id,
        user_principal_name=person.upn,
        explanation=Explanation(
            headline="somebody was somewhere", level=LevelAlgebra(base=level, final=level)
        ),
    )


def judged(tenant: Tenant, truths: list[Truth], *detections: Detection) -> tuple[int, int, int]:
    """Attacks, found, false."""
    given = Tenant(tenant.company, [], truths)
    result = score(given, Findings(list(detections), [], [TYPE]))
    mine = result.scores.get(TYPE)
    return (mine.attacks, mine.found, mine.false) if mine else (0, 0, 0)


def test_an_attack_is_found_once_however_often_it_is_reported(empty: Tenant) -> None:
    truth = attack(empty, must=TYPE)
    twice = [found(truth.person, truth.start + n) for n in (1, 2)]
    assert judged(empty, [truth], *twice) == (1, 1, 0)


def test_an_attack_that_nobody_reports_is_missed_and_says_what_held_it_back(empty: Tenant) -> None:
    truth = attack(empty, must=TYPE)
    held = Suppression(
        time=truth.start,
        user_id=truth.person.id,
        risk_event_type=TYPE,
        event_id="",
        rule="M4",
        reason="a shared exit",
    )
    given = Tenant(empty.company, [], [truth])
    result = score(given, Findings([], [held], [TYPE]))
    assert [mistake.what for mistake in result.mistakes] == ["; held back by M4: a shared exit"]
    assert (result.scores[TYPE].attacks, result.scores[TYPE].found) == (1, 0)


def test_the_wrong_person_and_the_wrong_day_are_false(empty: Tenant) -> None:
    truth = attack(empty, must=TYPE)
    other, late = empty.company.people[2], truth.end + DAY
    assert judged(empty, [truth], found(other, truth.start)) == (1, 0, 1)
    assert judged(empty, [truth], found(truth.person, late)) == (1, 0, 1)


def test_what_may_fire_is_neither_right_nor_wrong_up_to_its_level(empty: Tenant) -> None:
    truth = attack(empty, may=TYPE, highest="low")
    low = found(truth.person, truth.start, RiskLevel.LOW)
    assert judged(empty, [truth], low) == (0, 0, 0)
    assert judged(empty, [truth], found(truth.person, truth.start)) == (0, 0, 1)


def test_tables_add_up_over_tenants(empty: Tenant) -> None:
    truth = attack(empty, must=TYPE)
    given = Tenant(empty.company, [], [truth])
    high = found(empty.company.people[2], truth.start, RiskLevel.HIGH)
    result = score(given, Findings([found(truth.person, truth.start), high], [], [TYPE]))
    result.add(msgspec.convert(msgspec.to_builtins(result), type(result)))
    assert "| newCountry | 2 | 2 | 2 | 50.0% | 100.0% | 0.667 | 100.0% | 0.0% |" in table(result)
    assert "| anomalousToken | 0 | no detector |" in table(result)
    per_day = 2 * 1000 / (2 * empty.user_days)
    assert f"{per_day:.2f} medium or higher" in summary(result)
