"""What is usual of somebody is not taught by what is held against them."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from console.people import LAGOS, PARIS, sign_in
from risktui.console.widgets.familiar import familiar_lines
from risktui.detect.learning import Profile
from risktui.detect.whereabouts import Anchor
from risktui.model.events import Activity, Network
from risktui.model.risk import Detection, Explanation, LevelAlgebra, RiskLevel, RiskState

HOUR = 3_600_000


def held(first: Activity, *more: Activity, state: RiskState = RiskState.AT_RISK) -> Detection:
    return Detection(
        id="d",
        risk_event_type="newCountry",
        risk_level=RiskLevel.HIGH,
        risk_state=state,
        activity_date_time=first.time,
        detected_date_time=first.time,
        last_updated_date_time=first.time,
        user_id="carol",
        event_ids=(first.id, *(each.id for each in more)),
        activities=(first,),
        explanation=Explanation(
            headline="", level=LevelAlgebra(base=RiskLevel.HIGH, final=RiskLevel.HIGH)
        ),
    )


def test_a_range_of_a_network_that_nobody_knows_is_called_by_its_addresses() -> None:
    network = Network("203.0.113.0/24")
    detection = held(
        replace(sign_in("first", "carol", HOUR, "203.0.113.9", LAGOS), network=network)
    )
    rows = familiar_lines(Profile(first_seen=HOUR), detection, [detection], 100, 4 * HOUR)
    text = "\n".join(row.plain for row in rows)
    assert "203.0.113.0/24" in text
    assert "AS0" not in text


@pytest.mark.parametrize(
    ("state", "usual"), [(RiskState.AT_RISK, False), (RiskState.CONFIRMED_SAFE, True)]
)
def test_a_strangers_later_sign_in_makes_no_city_familiar(state: RiskState, usual: bool) -> None:
    home, first, later = (
        sign_in(name, "carol", hour * HOUR, "203.0.113.9", place)
        for name, hour, place in (("home", 1, PARIS), ("first", 2, LAGOS), ("later", 3, LAGOS))
    )
    detection = held(first, later, state=state)
    profile = Profile(first_seen=HOUR, anchors=[Anchor(each) for each in (home, first, later)])
    rows = [row.plain for row in familiar_lines(profile, detection, [detection], 100, 4 * HOUR)]
    (cities,) = (row for row in rows if row.startswith("cities"))
    assert ("= Lagos" in cities) == usual
    assert ("Paris, Lagos" in cities or "Lagos, Paris" in cities) == usual
