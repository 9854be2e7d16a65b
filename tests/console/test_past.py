"""The time machine: how things stood, and that nobody is judged there."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from console.people import HOUR, MINUTE
from console.playing import NOW, console
from risktui.console import past
from risktui.model.risk import RiskLevel, RiskState
from risktui.store.database import reader


async def test_people_stand_as_they_stood(database: Path) -> None:
    with closing(reader(database)) as connection:
        assert past.users_at(connection, NOW - 30 * 24 * HOUR) == []
        then = past.users_at(connection, NOW - 2 * MINUTE - 10_000)
        carol = next(user for user in then if user.id == "carol")
        assert (carol.risk_level, carol.risk_state) == (RiskLevel.MEDIUM, RiskState.AT_RISK)
        assert carol.open_detections == 1
        assert carol.reason.startswith("Seattle and Lagos")
        counts = past.counts_at(connection, NOW - 2 * MINUTE - 10_000)
        assert (counts.high, counts.medium) == (1, 4)
        now = past.counts_at(connection, NOW)
        assert (now.high, now.medium, now.low) == (2, 3, 7)


async def test_one_steps_from_change_to_change_and_back_to_now(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("left_curly_bracket")
        await playing.sees("AS OF 2026-05-15 09:39:00")
        await playing.press("left_curly_bracket")
        await playing.sees("AS OF 2026-05-15 09:38:", "▲ 1 high", "■ 4 medium", "■ MEDIUM carol")
        await playing.press("right_curly_bracket", "right_curly_bracket")
        await playing.sees("● live", "▲ HIGH   carol")


async def test_nobody_is_judged_in_the_past_and_escape_leaves_it(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("T")
        await playing.type("90m")
        await playing.press("enter")
        await playing.sees("AS OF 2026-05-15 08:11:00")
        await playing.sees_no_more("carol")
        await playing.press("d")
        await playing.is_told("nobody can be judged in it")
        assert "dismiss" not in playing.text.splitlines()[-1]
        await playing.press("escape")
        await playing.sees("carol", "● live", "d dismiss")


async def test_a_moment_that_is_none_is_explained(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("T")
        await playing.type("2030-01-01")
        await playing.press("enter")
        await playing.is_told("'2030-01-01' is no past moment")
        await playing.press("escape")
        await playing.sees("● live")
