"""Out of sight for a while, and back when something happens."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from console.people import HOUR, LAGOS, SPRAY, Person, finding, sign_in
from console.playing import NOW, console
from console.prepared import more
from risktui.console.snoozing import SnoozeError, Snoozes, span
from risktui.model.risk import RiskLevel, RiskState, RiskyUser

CAROL = RiskyUser(
    id="carol",
    risk_level=RiskLevel.MEDIUM,
    risk_state=RiskState.AT_RISK,
    risk_last_updated_date_time=NOW - HOUR,
)


@pytest.mark.parametrize(("text", "hours"), [("30m", 0.5), ("4h", 4), (" 2D ", 48), ("30d", 720)])
def test_spans_are_written_as_in_filters(text: str, hours: float) -> None:
    assert span(text) == hours * HOUR


@pytest.mark.parametrize("text", ["", "4", "h", "0h", "-4h", "31d", "9999d", "4 h 30 m", "soon"])
def test_other_spans_are_refused_with_what_would_be_right(text: str) -> None:
    with pytest.raises(SnoozeError, match="write 30m, 4h or 2d"):
        span(text)


def test_time_a_higher_level_or_anything_new_ends_it() -> None:
    snoozes = Snoozes({})
    snoozes.put(CAROL, NOW, 4 * HOUR)
    assert snoozes.hides(CAROL, NOW)
    assert not snoozes.hides(CAROL, NOW + 4 * HOUR)
    higher = msgspec.structs.replace(CAROL, risk_level=RiskLevel.HIGH)
    newer = msgspec.structs.replace(CAROL, risk_last_updated_date_time=NOW)
    assert not snoozes.hides(higher, NOW)
    assert not snoozes.hides(newer, NOW)
    lower = msgspec.structs.replace(CAROL, risk_level=RiskLevel.LOW)
    assert snoozes.hides(lower, NOW)


def test_undo_brings_back_the_last_ones_together_and_then_the_rest() -> None:
    others = [msgspec.structs.replace(CAROL, id=name) for name in ("dan", "erin")]
    snoozes = Snoozes({})
    snoozes.put(CAROL, NOW, HOUR)
    snoozes.together(["carol"])
    for one in others:
        snoozes.put(one, NOW, HOUR)
    snoozes.together(["dan", "erin"])
    assert snoozes.undo() == 2
    assert snoozes.hides(CAROL, NOW)
    assert snoozes.undo() == 1
    assert snoozes.undo() == 0


async def test_whoever_is_put_aside_is_counted_and_comes_back_with_a_key(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("j", "Z")
        await playing.sees("put erin@contoso.com aside for 4h")
        await playing.press("enter")
        await playing.is_told("erin@contoso.com is out of sight until 13:41")
        await playing.sees("Users at risk 1 snoozed", "▲ 2 high")
        assert "erin " not in playing.text.partition("Detections")[0]
        await playing.press("U")
        await playing.sees("▲ HIGH   erin")
        await playing.sees_no_more("snoozed")


async def test_something_new_about_somebody_put_aside_brings_them_back(database: Path) -> None:
    about = sign_in("e-9", "erin", NOW + 1, "203.0.113.200", LAGOS)
    found = finding(RiskLevel.HIGH, "erin was sprayed", about, [("x", "1", "0", 1.0)])
    async with console(database) as playing:
        await playing.press("j", "Z", "enter")
        await playing.sees("1 snoozed")
        await more(database, NOW + 1, [Person("Erin", "erin@contoso.com", ((SPRAY, found),))])
        await playing.sees("▲ HIGH   erin")


async def test_all_marked_are_put_aside_and_a_wrong_span_is_explained(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("space", "space", "Z", "ctrl+u")
        await playing.type("soon")
        await playing.press("enter")
        await playing.is_told("'soon' is no span")
        await playing.press("ctrl+u")
        await playing.type("2d")
        await playing.press("enter")
        await playing.is_told("2 users is out of sight")
        await playing.sees("2 snoozed", "▌■ MEDIUM bob")
