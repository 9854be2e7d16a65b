from __future__ import annotations

from itertools import permutations

import msgspec
import pytest

from risktui.detect.alert_parts import MOST_ALERTS, WITHIN, AlertParts
from risktui.detect.detector import Facts
from risktui.detect.state import HOUR, MINUTE
from risktui.model.events import Event, ProductAlert

START = 1_740_992_400_000
TITLE = "Possible attempt to access Primary Refresh Token (PRT)"


def info(minutes: float = 0, alert: str = "da1", title: str = TITLE) -> ProductAlert:
    return ProductAlert(
        time=START + int(minutes * MINUTE),
        id=alert,
        actor="system",
        alert_id=alert,
        title=title,
        product="Microsoft Defender for Endpoint",
        severity="high",
        category="CredentialAccess",
    )


def evidence(
    minutes: float = 0, user: str = "alice", alert: str = "da1", title: str = ""
) -> ProductAlert:
    return ProductAlert(
        time=START + int(minutes * MINUTE),
        id=f"{alert}:{user}",
        user_id=user,
        alert_id=alert,
        title=title,
        ip_address="203.0.113.7",
    )


def joined(events: list[ProductAlert], *, restarts: bool = False) -> list[ProductAlert]:
    tracker, state = AlertParts(), AlertParts.State()
    found: list[Event] = []
    for event in events:
        found += tracker.track(event, "tenant", state, Facts())
        state.last = max(state.last, event.time)
        if restarts:
            state = msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=AlertParts.State)
    assert all(isinstance(each, ProductAlert) for each in found)
    return [each for each in found if isinstance(each, ProductAlert)]


def test_a_person_gets_the_title_and_keeps_the_address() -> None:
    (alert,) = joined([info(), evidence(10)])
    assert (alert.user, alert.title, alert.severity) == ("alice", TITLE, "high")
    assert (alert.ip_address, alert.time) == ("203.0.113.7", START + 10 * MINUTE)
    assert alert.detected_at == START


def test_the_order_of_the_parts_and_restarts_make_no_difference() -> None:
    parts = [info(), evidence(1), evidence(2, "bob")]
    expected = sorted(joined(parts), key=lambda each: each.id)
    assert len(expected) == 2
    for order in permutations(parts):
        for restarts in (False, True):
            found = joined(list(order), restarts=restarts)
            assert sorted(found, key=lambda each: each.id) == expected


def test_the_same_part_again_is_not_another_alert() -> None:
    assert len(joined([info(), evidence(), evidence(5), info(6)])) == 1


@pytest.mark.parametrize(("hours", "count"), [(47, 1), (49, 0)])
def test_parts_are_waited_with_for_two_days(hours: int, count: int) -> None:
    assert WITHIN == 48 * HOUR
    assert len(joined([info(), evidence(hours * 60)])) == count


def test_a_part_that_comes_weeks_late_takes_nothing_from_the_others() -> None:
    late = info(-30 * 24 * 60, "old")
    assert len(joined([info(), late, evidence(5)])) == 1


def test_what_is_whole_already_is_left_alone() -> None:
    assert joined([info(), evidence(title=TITLE)]) == []


def test_titles_without_people_are_bounded() -> None:
    tracker, state = AlertParts(), AlertParts.State()
    for number in range(3 * MOST_ALERTS):
        tracker.track(info(number / 100, f"da{number}"), "tenant", state, Facts())
    assert len(state.alerts) == MOST_ALERTS
    assert f"da{3 * MOST_ALERTS - 1}" in state.alerts
