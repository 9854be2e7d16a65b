"""Lists that do not show all there is say so, and what shows the rest."""

from __future__ import annotations

import pytest

from risktui.console.reading import FEED, PEOPLE, SCANNED, Lists
from risktui.console.screens.titles import of_feed, of_people
from risktui.console.widgets.feed_table import FeedTable
from risktui.model.risk import Detection, Explanation, LevelAlgebra, RiskLevel, RiskyUser
from risktui.store.search import Search, parse

CAROL = RiskyUser(id="carol")
SPRAY = Detection(
    id="d1",
    risk_event_type="passwordSpray",
    risk_level=RiskLevel.HIGH,
    activity_date_time=1,
    detected_date_time=1,
    last_updated_date_time=1,
    user_id="carol",
    explanation=Explanation(
        headline="x", level=LevelAlgebra(base=RiskLevel.HIGH, final=RiskLevel.HIGH)
    ),
)
ALL, LOW = Search(), parse("level:low")


@pytest.mark.parametrize(
    ("found", "search", "said"),
    [
        (Lists((CAROL,) * PEOPLE, 43_210), ALL, "at risk first 1,000 of 43,210, / narrows"),
        (Lists((CAROL,) * PEOPLE, 43_210, met=5_000), LOW, "first 1,000 of 5,000, / narrows /lev"),
        (Lists((CAROL,) * 3, 43_210, met=3), LOW, "at risk 3 of 43,210 /level:low"),
        (Lists((CAROL,) * 3, 3), ALL, "at risk"),
    ],
)
def test_people_beyond_the_end_of_the_list_are_counted(
    found: Lists, search: Search, said: str
) -> None:
    title = " ".join(of_people(found, search, "/", 0).plain.split())
    assert said in title
    assert ("narrows" in title) == ("narrows" in said)


@pytest.mark.parametrize(
    ("found", "search", "said"),
    [
        (
            Lists(detections=(SPRAY,) * FEED, all_detections=3_204),
            ALL,
            "latest 500 of 3,204, / loo",
        ),
        (Lists(detections=(SPRAY,) * FEED, complete=False), LOW, "latest 500, / narrows"),
        (Lists(detections=(SPRAY,), complete=False), LOW, f"1 among the latest {SCANNED:,}"),
        (Lists(detections=(SPRAY,) * 60, all_detections=70), ALL, "60 of 70"),
    ],
)
def test_detections_before_the_first_of_the_feed_are_told_of(
    found: Lists, search: Search, said: str
) -> None:
    assert said in of_feed(found, search, "/", FeedTable((), header=False)).plain
