"""The time machine: how things stood, and that nobody is judged there."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from console.people import HOUR, MINUTE
from console.playing import NOW, console
from console.prepared import SmallEngine
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
        assert playing.app.here.said.words == ""


async def test_a_moment_that_is_none_is_explained(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("T")
        await playing.type("2030-01-01")
        await playing.press("enter")
        await playing.is_told("'2030-01-01' is no past moment")
        await playing.press("escape")
        await playing.sees("● live")


def later() -> int:
    """Forty days after the logs end."""
    return NOW + 40 * 24 * HOUR


async def test_in_old_logs_a_span_is_counted_from_the_newest_event(database: Path) -> None:
    async with console(database, clock=later) as playing:
        await playing.press("T")
        await playing.sees("2h, 3d before 05-15 09:41, the newest event")
        await playing.type("90m")
        await playing.press("enter")
        await playing.sees("AS OF 2026-05-15 08:11:00")


async def test_where_nobody_said_which_event_is_the_newest_the_logs_say_it(
    database: Path,
) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("DELETE FROM meta WHERE name LIKE 'engine.%'")
        connection.execute(
            "INSERT INTO source_formats (path, format, events, newest, ahead)"
            " VALUES ('a.json', 'entra sign-in', 1, ?, 0)",
            (NOW,),
        )
        connection.commit()
    async with console(database, clock=later) as playing:
        await playing.sees("impossible travel      2m")


async def test_going_back_to_a_verdict_on_old_logs_moves_no_age(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute(
            "INSERT INTO history (id, user_id, time, item)"
            " SELECT 'verdict', user_id, ?, json_set(CAST(item AS TEXT), '$.time', ?)"
            " FROM history ORDER BY number DESC LIMIT 1",
            (NOW + 39 * 24 * HOUR, NOW + 39 * 24 * HOUR),
        )
        connection.commit()
    async with console(database, clock=later) as playing:
        await playing.press("left_curly_bracket")
        await playing.sees("AS OF 2026-06-23", "impossible travel               2m")


async def test_a_filter_by_time_counts_from_the_newest_event_too(database: Path) -> None:
    async with console(database, clock=later) as playing:
        await playing.press("slash")
        await playing.type("since:1h")
        await playing.press("enter")
        await playing.sees("▲ HIGH   carol")


async def test_a_detection_that_was_closed_later_is_open_in_the_past(database: Path) -> None:
    async with SmallEngine(database), console(database, live=True) as playing:
        await playing.press("s", "enter")
        await playing.is_told("confirmed safe")
        await playing.press("left_curly_bracket", "left_curly_bracket")
        await playing.sees("AS OF", "carol")
        assert "▇▁" not in playing.text  # how it went on is not known yet
        await playing.press("g", "g", "enter", "tab", "enter")
        await playing.sees("Why, and what to do", "carol@contoso.com › password spray")
        assert "at risk" in playing.text.splitlines()[1]
