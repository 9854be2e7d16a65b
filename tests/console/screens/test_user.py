"""What an operator sees of one person."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from console.people import LAGOS, Person, finding, kind, sign_in
from console.playing import NOW, console
from console.prepared import prepared
from risktui.model.risk import RiskLevel
from risktui.store import queries
from risktui.store.database import reader


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_it_looks_as_it_always_did(database: Path, size: tuple[int, int]) -> None:
    async with console(database, size) as playing:
        await playing.press("enter")
        await playing.sees("carol@contoso.com", "2 detections", "Password right on 3rd try")
        await playing.looks_like(f"user_{size[0]}x{size[1]}")


async def test_tab_brings_what_is_behind_the_reason_forward(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("enter")
        await playing.sees("Why: password spray")
        await playing.press("tab", "tab")
        await playing.sees("09:39, 1 step  password spray", "from Lagos, NG, 203.0.113.9")
        await playing.press("tab")
        await playing.sees(
            "countries    US 100%", "≠ NG", "= Windows 10", "Example Telecom AS64510"
        )
        await playing.press("tab")
        await playing.sees("1→2 Seattle, US → Lagos, NG  11,903 km in 47 h 57 min  248 km/h")
        await playing.press("tab")
        await playing.sees("▲ HIGH   at risk  password spray", "▅▅▅▅███", "from 09:38")
        await playing.press("tab")
        await playing.sees("atypical travel  M4  used by 12 other people", "only 4 of 7")


async def test_m_brings_the_map_at_any_size(database: Path) -> None:
    for size in ((80, 24), (120, 40), (200, 60)):
        async with console(database, size) as playing:
            await playing.press("enter")
            await playing.sees("2 detections")
            await playing.press("m", "z")
            await playing.sees("1→2 Seattle, US → Lagos, NG")
            assert "⠒" in playing.text


async def test_the_map_is_drawn_without_braille_where_there_is_none(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "linux")
    async with console(database) as playing:
        await playing.press("enter")
        await playing.sees("2 detections")
        await playing.press("m", "z")
        await playing.sees("1>2 Seattle, US > Lagos, NG", "1***")
        assert playing.text.replace("…", "").isascii()


async def test_words_and_fields_leave_only_the_detections_that_have_them_and_judge_nobody(
    database: Path,
) -> None:
    """`/safe` and enter must never be a verdict: s is the key of one."""
    async with console(database) as playing:
        await playing.press("enter")
        await playing.sees("impossible travel", "/ find")
        await playing.press("slash")
        await playing.type("spray ty")
        await playing.press("tab")
        await playing.type("passwordsp")
        await playing.press("tab")
        await playing.type(" country:NG")
        await playing.press("enter")
        await playing.sees("2 detections 1 of 2  /spray type:passwordspray country:NG")
        await playing.sees_no_more("impossible travel  ")
        await playing.press("escape")
        await playing.sees("impossible travel  ")
        await playing.press("slash")
        await playing.type("safe")
        await playing.press("enter")
        await playing.sees("/safe")
        assert not playing.app.here.verdict_bar.is_open
    with closing(reader(database)) as connection:
        assert queries.verdicts(connection) == []


async def test_hours_are_shown_beside_the_hour_of_this_time(database: Path) -> None:
    async with console(database, (200, 60)) as playing:
        await playing.press("enter")
        await playing.sees("hours        _________█____", "= 09:39")


async def test_the_explanation_follows_the_cursor_among_the_detections(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("enter")
        await playing.sees("2 detections")
        await playing.press("tab", "j")
        await playing.sees("Why: impossible travel", "Seattle and Lagos within 36 minutes")


async def test_down_goes_to_the_next_detection_where_nothing_is_to_be_scrolled(
    database: Path,
) -> None:
    async with console(database, (80, 24)) as playing:
        await playing.press("enter")
        await playing.sees("Why: password spray")
        await playing.press("down")
        await playing.sees("Why: impossible travel", "c d s judge the person")
        await playing.press("k")
        await playing.sees("Why: password spray")


async def test_it_says_whom_a_verdict_would_be_on(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("enter")
        await playing.sees("c d s judge the person")
        await playing.press("d")
        await playing.sees("Dismiss carol@contoso.com: at risk → dismissed · 2 detections")
        await playing.press("escape", "tab")
        await playing.sees("judge password spray")
        await playing.press("d")
        await playing.sees("Dismiss password spray of carol@contoso.com")


async def test_back_and_forward_are_where_one_was(database: Path) -> None:
    async with console(database) as playing:
        await playing.press("enter")
        await playing.sees("Users › carol@contoso.com")
        await playing.press("enter")
        await playing.sees("› password spray")
        await playing.press("q")
        await playing.sees("2 detections")
        await playing.press("right_square_bracket")
        await playing.sees("› password spray")
        await playing.press("left_square_bracket", "escape")
        await playing.sees("Users at risk")
        await playing.press("q")
        await playing.sees("Q leaves")


async def test_five_detections_are_in_view_in_a_terminal_of_100x30(tmp_path: Path) -> None:
    database = tmp_path / "many.db"
    about = sign_in("n-1", "nora", NOW - 60_000, "203.0.113.9", LAGOS)
    found = tuple(
        (kind(f"x_risk{name}", name, "T1078"), finding(RiskLevel.HIGH, name, about, []))
        for name in "ABCDE"
    )
    await prepared(database, NOW, [Person("Nora", "nora@contoso.com", found)])
    async with console(database, (100, 30)) as playing:
        await playing.press("enter")
        await playing.sees("5 detections", *(f"▲ HIGH   risk {name} " for name in "abcde"))
        await playing.press("z")  # and one pane can still have all of the screen
        await playing.until(lambda: playing.text.splitlines()[-2].startswith("╰─────"))
