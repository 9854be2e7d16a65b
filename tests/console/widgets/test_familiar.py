"""What is usual of somebody is not taught by what is held against them."""

from __future__ import annotations

import pytest

from console.people import LAGOS, PARIS, sign_in
from risktui.console.widgets.familiar import familiar_lines
from risktui.detect.learning import Anchor, Profile
from risktui.model.risk import Detection, Explanation, LevelAlgebra, RiskLevel, RiskState

HOUR = 3_600_000


@pytest.mark.parametrize(
    ("state", "usual"), [(RiskState.AT_RISK, False), (RiskState.CONFIRMED_SAFE, True)]
)
def test_a_strangers_later_sign_in_makes_no_city_familiar(state: RiskState, usual: bool) -> None:
    home, first, later = (
        sign_in(name, "carol", hour * HOUR, "203.0.113.9", place)
        for name, hour, place in (("home", 1, PARIS), ("first", 2, LAGOS), ("later", 3, LAGOS))
    )
    detection = Detection(
        id="d",
        risk_event_type="newCountry",
        risk_level=RiskLevel.HIGH,
        risk_state=state,
        activity_date_time=first.time,
        detected_date_time=first.time,
        last_updated_date_time=later.time,
        user_id="carol",
        event_ids=(first.id, later.id),
        activities=(first,),
        explanation=Explanation(
            headline="", level=LevelAlgebra(base=RiskLevel.HIGH, final=RiskLevel.HIGH)
        ),
    )
    profile = Profile(first_seen=HOUR, anchors=[Anchor(each) for each in (home, first, later)])
    rows = [row.plain for row in familiar_lines(profile, detection, [detection], 100, 4 * HOUR)]
    (cities,) = (row for row in rows if row.startswith("cities"))
    assert ("= Lagos" in cities) == usual
    assert ("Paris, Lagos" in cities or "Lagos, Paris" in cities) == usual
