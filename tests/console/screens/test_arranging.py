"""Lists sorted, marked, named and hidden."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.playing import Playing, console


def names(playing: Playing) -> list[str]:
    return [row.cells[1].text for row in playing.app.here.query_one("#users").rows]  # type: ignore[attr-defined]


async def test_o_sorts_by_the_next_column_and_the_title_says_so(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("H")
        await playing.sees("risk↓")
        await playing.press("o")
        await playing.is_told("Users: by name")
        await playing.sees("user↓")
        await playing.until(lambda: names(playing) == sorted(names(playing)))
        await playing.press("O")
        await playing.sees("user↑")
        await playing.until(lambda: names(playing) == sorted(names(playing), reverse=True))
        await playing.press("tab", "o", "o")
        await playing.is_told("Detections: by type")


async def test_the_cursor_stays_with_its_person_in_another_order(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("j", "o")
        await playing.is_told("by name")
        await playing.sees("▌▲ HIGH   erin")


async def test_n_goes_from_match_to_match_after_the_filter_is_gone(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("n")
        await playing.is_told("nothing was looked for yet")
        await playing.press("slash")
        await playing.type("country:NL level:low")
        await playing.press("enter")
        await playing.sees("▌● LOW    frank")
        await playing.press("escape")
        await playing.sees("carol")
        await playing.press("g", "g", "n")
        await playing.sees("▌● LOW    frank")
        await playing.press("n")
        await playing.sees("▌● LOW    grace")
        await playing.press("N", "N")
        await playing.sees("▌● LOW    a.person")


async def test_marks_in_bulk(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("space", "j", "j", "V")
        await playing.sees("4 marked")
        await playing.press("a")
        await playing.sees("12 marked")
        await playing.press("a")
        await playing.sees_no_more("marked")


async def test_a_view_brings_back_filter_and_order(database: Path, tmp_path: Path) -> None:
    async with console(database, state=tmp_path / "state") as playing:
        await playing.press("v")
        await playing.is_told("no views yet: W saves")
        await playing.press("slash")
        await playing.type("country:NL")
        await playing.press("enter", "o", "W")
        await playing.sees("name of this view")
        await playing.type("dutch")
        await playing.press("enter")
        await playing.is_told("view dutch saved: /country:NL")
        await playing.press("escape")
        await playing.sees("carol")
    async with console(database, state=tmp_path / "state") as playing:
        await playing.press("v")
        await playing.sees("dutch", "/country:NL", "by name")
        await playing.press("enter")
        await playing.sees("/country:NL ", " ● LOW    a.person")
        await playing.press("v", "d")
        await playing.sees_no_more("Views")
        await playing.press("v")
        await playing.is_told("no views yet")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60), (260, 70)])
async def test_hidden_panes_leave_their_room_and_come_back(
    database: Path, size: tuple[int, int]
) -> None:
    async with console(database, size) as playing:
        await playing.press("tab", "x")
        await playing.sees_no_more("Detections")
        await playing.press("tab", "x")
        await playing.sees_no_more("password spray · ")
        users = playing.app.here.query_one("#users")
        await playing.until(lambda: users.size.width > size[0] - 5, "room")
        await playing.until(lambda: users.size.height > size[1] - 7, "room")
        await playing.press("x")
        await playing.is_told("the last pane stays")
        await playing.press("X")
        await playing.sees_no_more("the last pane stays")
        await playing.sees("Detections", "carol · password spray")


async def test_a_title_is_whole_again_in_a_wider_terminal(database: Path) -> None:
    async with console(database, (62, 24)) as playing:
        await playing.press("slash")
        await playing.type("country:NG level:high user:carol since:24h")
        await playing.press("enter")
        await playing.sees("…")
        await playing.pilot.resize_terminal(120, 40)
        await playing.sees("carol · password spray · ▲ HIGH · at risk ─")


async def test_a_read_only_person_is_told_why(database: Path) -> None:
    async with console(database, may_judge="vic is a viewer and cannot judge") as playing:
        assert "dismiss" not in playing.text.splitlines()[-1]
        await playing.press("d")
        await playing.is_told("vic is a viewer and cannot judge")


async def test_titles_and_trends_are_ascii_where_nothing_else_can_be_drawn(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "linux")
    async with console(database) as playing:
        await playing.press("H")
        await playing.sees("riskv", "trend", "=#")
        assert playing.text.partition("-hanako")[0].isascii()
